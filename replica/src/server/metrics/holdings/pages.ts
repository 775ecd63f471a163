import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Page, Pages, Query } from '../pages.js';
import { type Holdings, leaseOf, lockOf } from './holdings.js';
import { firstAfter } from './scan.js';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 200;
/** A page ends early where its items would have more. */
const PAGE_BYTES_MAX = 512 * 1024;
const CURSOR_CHARACTERS_MAX = 4_096;
/** Pages that are being made: each looks through everything. */
const AT_ONCE_MAX = 2;

/** Which of them a page lists. */
interface Listing {
  readonly keys: () => Iterable<string>;
  readonly total: () => number;
  /** Undefined: it is gone since. */
  readonly item: (key: string) => object | undefined;
  readonly compare: (a: string, b: string) => number;
  readonly first: string;
  readonly cursor: RegExp;
}

/**
 * The pages `/leases`, `/locks` and `/elections`: what clients hold and wait for, as this replica has applied it. `?limit=` items (100;
 * at most 200) behind `?after=`, which is the `next` of the page before; null: there is no more. Leases are in the order of their ids,
 * names in that of their UTF-16 code units. A page is not of one moment.
 */
export class HoldingsPages {
  readonly pages: Pages;
  #making = 0;

  constructor(state: Holdings, turn: () => Promise<void> = () => nextTurn()) {
    const named = (kind: 'lock' | 'election', total: () => number): Listing => ({
      keys: () => state.claimedNames(kind),
      total,
      item: (name) => lockOf(state, kind, name),
      compare: byName,
      first: '',
      cursor: /^/,
    });
    const leases: Listing = {
      keys: () => state.leaseIds(),
      total: () => state.counts.leases,
      item: (id) => leaseOf(state, id),
      compare: byNumber,
      first: '',
      cursor: /^\d*$/,
    };
    const listings = {
      leases,
      locks: named('lock', () => state.counts.locks),
      elections: named('election', () => state.counts.elections),
    };
    this.pages = Object.fromEntries(
      Object.entries(listings).map(([what, listing]) => [
        `/${what}`,
        (query: Query) => this.#page(state, what, listing, query, turn),
      ]),
    );
  }

  async #page(
    state: Holdings,
    what: string,
    { keys, total, item, compare, first, cursor }: Listing,
    query: Query,
    turn: () => Promise<void>,
  ): Promise<Page> {
    const limit = query.get('limit') ?? String(PAGE_DEFAULT);
    const after = query.get('after') ?? first;
    if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > PAGE_MAX)
      return { status: 400, text: `limit has to be 1 to ${PAGE_MAX}\n` };
    if (after.length > CURSOR_CHARACTERS_MAX || !cursor.test(after))
      return { status: 400, text: 'after has to be the next of an earlier page\n' };
    if (this.#making >= AT_ONCE_MAX)
      return { status: 503, text: `${AT_ONCE_MAX} such pages are being made: ask again\n` };
    this.#making++;
    try {
      const count = Number(limit);
      const found = await firstAfter(keys(), { compare, after, count: count + 1, turn });
      const { items, last } = fitting(found.slice(0, count), item);
      const more = last < Math.min(found.length, count) || found.length > count;
      const next = more ? found[last - 1]! : null;
      const body = { appliedIndex: state.appliedIndex, total: total(), [what]: items, next };
      return { text: `${JSON.stringify(body)}\n`, type: 'application/json' };
    } finally {
      this.#making--;
    }
  }
}

/** As many as the bytes allow, one at least. @returns `last`: how many keys they stand for */
function fitting(keys: readonly string[], item: Listing['item']): { items: object[]; last: number } {
  const items: object[] = [];
  let bytes = 0;
  for (const [at, key] of keys.entries()) {
    const told = item(key);
    if (told === undefined) continue;
    bytes += Buffer.byteLength(JSON.stringify(told));
    if (bytes > PAGE_BYTES_MAX && items.length > 0) return { items, last: at };
    items.push(told);
  }
  return { items, last: keys.length };
}

/** By UTF-16 code units. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Decimal numbers without leading zeros, of any size. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || byName(a, b);
}
