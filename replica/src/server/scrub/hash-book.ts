import { majority } from '../../raft/index.js';

/** `chained`: over everything applied up to an index. `contents`: over all rows of the state at an index. */
export const HASH_KINDS = ['chained', 'contents'] as const;
export type HashKind = (typeof HASH_KINDS)[number];

/** In place of the hash of rows that could not all be read. */
export const UNREADABLE = 'unreadable';

/** Whose word makes a quorum: two sets of voters while the configuration is joint, else the second is empty. */
export interface Voters {
  readonly voters: readonly number[];
  readonly votersOutgoing: readonly number[];
}

/** The members that have a value, in order, by value. */
export type Standings = ReadonlyMap<string, readonly number[]>;

export type Judgement =
  /** Nobody contradicts anybody so far. */
  | { readonly verdict: 'same' }
  /** They differ, and members that have said nothing may make a quorum. */
  | { readonly verdict: 'open' }
  /** A quorum has one value: the others are wrong. */
  | { readonly verdict: 'quorum'; readonly value: string }
  /** No value can get a quorum any more, or none got one in time. */
  | { readonly verdict: 'none' };

/** The hashes of one kind at one index, by member. */
export interface Page {
  readonly kind: HashKind;
  readonly index: number;
  readonly values: ReadonlyMap<number, string>;
}

/** What members said of their states, for the newest indexes that were spoken of. */
export class HashBook {
  readonly #pagesMax: number;
  readonly #pages = new Map<string, Page & { readonly values: Map<number, string> }>();

  constructor(pagesMax: number) {
    this.#pagesMax = pagesMax;
  }

  get size(): number {
    return this.#pages.size;
  }

  get pages(): Iterable<Page> {
    return this.#pages.values();
  }

  /**
   * Writes down a value. Undefined: it was known already, or is older than what the book has room for. A member that says
   * something else than before is believed: it may have started again on another state.
   */
  note(kind: HashKind, index: number, member: number, value: string): Page | undefined {
    const name = `${kind} ${index}`;
    let page = this.#pages.get(name);
    if (page === undefined) {
      if (!this.#makeRoom(index)) return undefined;
      page = { kind, index, values: new Map() };
      this.#pages.set(name, page);
    }
    if (page.values.get(member) === value) return undefined;
    page.values.set(member, value);
    return page;
  }

  /** Forgets what members said that are none any more. */
  keepMembers(members: ReadonlySet<number>): void {
    for (const { values } of this.#pages.values()) {
      for (const member of values.keys()) if (!members.has(member)) values.delete(member);
    }
  }

  #makeRoom(index: number): boolean {
    if (this.#pages.size < this.#pagesMax) return true;
    let oldest: [string, Page] | undefined;
    for (const each of this.#pages)
      if (oldest === undefined || each[1].index < oldest[1].index) oldest = each;
    if (oldest![1].index >= index) return false;
    this.#pages.delete(oldest![0]);
    return true;
  }
}

/**
 * What the values at one index mean. `late`: who has not said anything is not waited for any more.
 * UNREADABLE is a value that never makes a quorum.
 */
export function judge({ values }: Page, { voters, votersOutgoing }: Voters, late: boolean): Judgement {
  const said = new Set(values.values());
  if (said.size < 2 && !said.has(UNREADABLE)) return { verdict: 'same' };
  const sets = votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
  said.delete(UNREADABLE);
  const carried = (value: string | undefined, orSilent: boolean): boolean =>
    sets.every((set) => {
      const by = set.filter((id) => values.get(id) === value || (orSilent && !values.has(id)));
      return by.length >= majority(set.length);
    });
  const won = [...said].find((value) => carried(value, false));
  if (won !== undefined) return { verdict: 'quorum', value: won };
  if (late) return { verdict: 'none' };
  // Also one that nobody has said yet.
  const possible = [...said, undefined].some((value) => carried(value, true));
  return { verdict: possible ? 'open' : 'none' };
}

export function standingsOf({ values }: Page): Standings {
  const standings = new Map<string, number[]>();
  for (const [member, value] of [...values].toSorted(([a], [b]) => a - b)) {
    const members = standings.get(value);
    if (members === undefined) standings.set(value, [member]);
    else members.push(member);
  }
  return standings;
}
