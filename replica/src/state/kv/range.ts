import {
  type KeyValue,
  type KvRangeRequest,
  type KvRangeResponse,
  KvSortOrder,
  KvSortTarget,
} from '@aegis/proto/v1/kv';
import { keyRangeOf } from './key-range.js';
import type { RevisionAt } from './earlier-revisions.js';
import { sortKeyValues } from './sort.js';
import type { KvStore } from './store.js';
import type { ValueRow } from './value-row.js';

const NO_BYTES = Buffer.alloc(0);

/** The request must have passed `checkRange` and `checkRevision`. */
export function range(kv: KvStore, request: KvRangeRequest): KvRangeResponse {
  return readRange(kv, request, findRange(kv, request));
}

/** Where the keys of a range are. */
export interface RangeFound {
  /** Those that have to be read. */
  readonly found: readonly RevisionAt[];
  /** Bytes of their rows. */
  readonly bytes: number;
  /** How many keys there are in all. */
  readonly count: number;
}

/** The second half of a read: the rows. The store must not have changed since the first. */
export function readRange(kv: KvStore, request: KvRangeRequest, where: RangeFound): KvRangeResponse {
  const { limit, countOnly, keysOnly } = request;
  const { found, count } = where;
  const { revision } = kv;
  if (countOnly) return { revision, kvs: [], more: false, count };

  const rows = kv.values.readMany(found);
  let kvs = rows.map((row: ValueRow, place) => row.keyValue(found[place]!.main));
  if (hasFilter(request)) kvs = kvs.filter((each) => passes(request, each));
  if (!isOrdered(request)) sortKeyValues(kvs, request.sortTarget, request.sortOrder === KvSortOrder.DESCEND);
  const more = limit > 0 && (readsAll(request) ? kvs.length : count) > limit;
  if (more) kvs = kvs.slice(0, limit);
  if (keysOnly) for (const each of kvs) each.value = NO_BYTES;
  return { revision, kvs, more, count };
}

/** The first half: looks in the index only. */
export function findRange(kv: KvStore, request: KvRangeRequest): RangeFound {
  const max = request.countOnly ? 0 : readsAll(request) ? Infinity : request.limit;
  const main = request.revision === 0 ? kv.revision : request.revision;
  const found: RevisionAt[] = [];
  let bytes = 0;
  let count = 0;
  kv.index.visit(keyRangeOf(request.key, request.rangeEnd), (history) => {
    const at = history.asOf(main);
    if (at === undefined) return true;
    count++;
    if (found.length === max) return true;
    found.push(at);
    bytes += at.size;
    return true;
  });
  return { found, bytes, count };
}

/** Bytes of the rows that `present` reads. */
export function presentBytes(kv: KvStore, key: Uint8Array, rangeEnd: Uint8Array): number {
  let bytes = 0;
  kv.index.visit(keyRangeOf(key, rangeEnd), (history) => {
    if (!history.deleted) bytes += history.newest.size;
    return true;
  });
  return bytes;
}

/** All keys of a range as they are. */
export function present(kv: KvStore, key: Uint8Array, rangeEnd: Uint8Array): KeyValue[] {
  const found: RevisionAt[] = [];
  kv.index.visit(keyRangeOf(key, rangeEnd), (history) => {
    if (!history.deleted) found.push(history.newest);
    return true;
  });
  return kv.values.readMany(found).map((row, place) => row.keyValue(found[place]!.main));
}

/** Keys come in ascending order by themselves: only then may what is beyond the limit be left unread. */
function readsAll(request: KvRangeRequest): boolean {
  return request.limit === 0 || !isOrdered(request) || hasFilter(request);
}

function isOrdered({ sortOrder, sortTarget }: KvRangeRequest): boolean {
  return sortTarget === KvSortTarget.KEY && sortOrder !== KvSortOrder.DESCEND;
}

function hasFilter(request: KvRangeRequest): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return minModRevision + maxModRevision + minCreateRevision + maxCreateRevision > 0;
}

function passes(request: KvRangeRequest, { modRevision, createRevision }: KeyValue): boolean {
  return (
    isWithin(modRevision, request.minModRevision, request.maxModRevision) &&
    isWithin(createRevision, request.minCreateRevision, request.maxCreateRevision)
  );
}

function isWithin(revision: number, min: number, max: number): boolean {
  return revision >= min && (max === 0 || revision <= max);
}
