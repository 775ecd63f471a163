import { Batch } from '@aegis/proto/replica/command';
import type { Applied, Entry, StateMachine } from '@aegis/replica/sim';

import type { Report } from './verdict.js';

/** An entry at the moment when the first replica applied it. */
export interface Committed {
  readonly index: number;
  readonly term: number;
  /** The state hash after it. */
  readonly hash: string;
  /** Who applied it first, and when. */
  readonly member: number;
  readonly atMs: number;
  /** When its leader stamped it; undefined for entries without a batch. */
  readonly stampedAtMs: number | undefined;
  readonly batch: Batch | undefined;
  readonly applied: Applied;
  /** It changes the membership. */
  readonly change: boolean;
  /** What its leader had applied when it appended it; undefined if a later leader may have been the one that committed it. */
  readonly appliedBefore: number | undefined;
}

/** A check that looks at each entry once, with the state of the replica that applied it first. */
export interface EntryCheck {
  committed(entry: Committed, state: StateMachine): void;
}

/** The one history that all replicas must live: state machine safety, entry by entry. */
export class History {
  readonly #entries: Committed[] = [];
  readonly #proposals = new Map<string, { readonly atMs: number; readonly applied: number }>();
  readonly #report: Report;
  readonly #checks: readonly EntryCheck[];
  readonly #nowMs: () => number;

  constructor(report: Report, nowMs: () => number, checks: readonly EntryCheck[]) {
    this.#report = report;
    this.#nowMs = nowMs;
    this.#checks = checks;
  }

  get last(): number {
    return this.#entries.length;
  }

  at(index: number): Committed | undefined {
    return this.#entries[index - 1];
  }

  /** A leader has stamped a batch at that true time and appended it at `index`; it had applied that much. */
  proposed(term: number, index: number, atMs: number, applied: number): void {
    this.#proposals.set(`${term}/${index}`, { atMs, applied });
  }

  /** `term` is the one that the member is in. */
  applied(
    member: number,
    term: number,
    entry: Entry,
    applied: Applied,
    hash: string,
    state: StateMachine,
  ): void {
    const known = this.at(entry.index);
    if (known !== undefined) {
      this.#compare(member, entry.index, entry.term, hash, known);
      return;
    }
    if (entry.index !== this.last + 1) {
      this.#report(
        'history',
        `member ${member} applied ${entry.index} first, and the last known is ${this.last}`,
        [member],
      );
      return;
    }
    const proposal = this.#proposals.get(`${entry.term}/${entry.index}`);
    const batch = entry.data.length === 0 || entry.type !== 0 ? undefined : Batch.decode(entry.data);
    const committed: Committed = {
      index: entry.index,
      term: entry.term,
      hash,
      member,
      atMs: this.#nowMs(),
      stampedAtMs: proposal?.atMs,
      batch,
      applied,
      change: entry.type !== 0,
      appliedBefore: term === entry.term ? proposal?.applied : undefined,
    };
    this.#entries.push(committed);
    for (const check of this.#checks) check.committed(committed, state);
  }

  /** A snapshot put a member at an index. */
  installed(member: number, index: number, hash: string): void {
    const known = this.at(index);
    if (known === undefined)
      this.#report(
        'history',
        `member ${member} got a snapshot of ${index}, and the last known is ${this.last}`,
        [member],
      );
    else this.#compare(member, index, known.term, hash, known);
  }

  #compare(member: number, index: number, term: number, hash: string, known: Committed): void {
    if (known.hash === hash && known.term === term) return;
    this.#report(
      'state machine safety',
      `at index ${index} member ${known.member} had applied term ${known.term}, hash ${known.hash.slice(0, 12)}; ` +
        `member ${member} applied term ${term}, hash ${hash.slice(0, 12)}`,
      [known.member, member],
    );
  }
}
