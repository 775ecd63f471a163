import { type Key } from './key.js';
import { holds, type KeyRange } from './key-range.js';
import type { KvChange } from './change.js';
import type { KvStore } from './store.js';
import type { ValueRow } from './value-row.js';
import type { Place } from './value-rows.js';

/** Main revisions read from the storage at once: at first, and once they have shown to be small. */
const REVISIONS_PER_READ_MIN = 8;
const REVISIONS_PER_READ_MAX = 256;
/** Of rows: what one read should stay below, and with what a page ends. A revision has 1.5 MiB of them at most. */
const BYTES_PER_READ = 1024 * 1024;
const BYTES_PER_PAGE = 4 * 1024 * 1024;

export type ChangesSince =
  /** What was asked for is compacted; history begins here. */
  | { readonly compactedRevision: number }
  /** In their order, complete from the asked revision up to before `next`; there is more if next ≤ the newest revision. */
  | { readonly changes: readonly KvChange[]; readonly next: number };

/**
 * The changes of a range from a revision on, read from the history. Looks at no more than about `limit` rows of any
 * key, or about BYTES_PER_PAGE, and never parts a revision: ask again from `next`.
 */
export function changesSince(kv: KvStore, from: number, range: KeyRange, limit: number): ChangesSince {
  const { compactedRevision, revision } = kv;
  if (from < compactedRevision) return { compactedRevision };
  const changes: KvChange[] = [];
  let next = from;
  let width = REVISIONS_PER_READ_MIN;
  let pageBytes = 0;
  for (let looked = 0; next <= revision && looked < limit && pageBytes < BYTES_PER_PAGE;) {
    const end = Math.min(next + Math.min(width, limit - looked), revision + 1);
    const rows = rowsOf(kv, next, end);
    looked += rows.length;
    const bytes = rows.reduce((sum, { row }) => sum + row.bytes, 0);
    pageBytes += bytes;
    width = bytes > BYTES_PER_READ ? REVISIONS_PER_READ_MIN : Math.min(REVISIONS_PER_READ_MAX, 2 * width);
    for (const { place, row } of rows) {
      const { key } = row;
      if (holds(range, key)) changes.push(changeOf(kv, place, key, row));
    }
    next = end;
  }
  return { changes, next };
}

interface Found {
  readonly place: Place;
  readonly row: ValueRow;
}

/**
 * All rows of the main revisions in [from, end), in their order. How many each has is not written anywhere: they are
 * asked for, twice as many each time, until one that is full has a gap.
 */
function rowsOf(kv: KvStore, from: number, end: number): Found[] {
  const byMain: Found[][] = Array.from({ length: end - from }, () => []);
  let open = byMain.map((_, at) => from + at);
  for (let sub = 0, width = 1; open.length > 0; sub += width, width *= 2) {
    const places: Place[] = [];
    for (const main of open) for (let at = 0; at < width; at++) places.push({ main, sub: sub + at });
    const rows = kv.values.find(places);
    rows.forEach((row, at) => {
      if (row !== undefined) byMain[places[at]!.main - from]!.push({ place: places[at]!, row });
    });
    open = open.filter((main) => byMain[main - from]!.length === sub + width);
  }
  return byMain.flat();
}

function changeOf(kv: KvStore, { main, sub }: Place, key: Key, row: ValueRow): KvChange {
  const before = kv.index.get(key)?.before(main);
  const previous = before === undefined || before.deleted ? undefined : before;
  return { main, sub, key, deleted: row.deleted, row, previous };
}
