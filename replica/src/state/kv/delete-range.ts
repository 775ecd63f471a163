import type { KvDeleteRangeRequest, KvDeleteRangeResponse } from '@aegis/proto/v1/kv';
import type { Lease } from '../lease/lease.js';
import type { State } from '../state.js';
import { writeDelete } from './change.js';
import type { KeyHistory } from './key-history.js';
import type { KeyNumber } from './key-page.js';
import { keyRangeOf } from './key-range.js';
import { present } from './range.js';
import type { KvStore } from './store.js';

/** The request must have passed all checks. */
export function deleteRange({ kv }: State, request: KvDeleteRangeRequest): KvDeleteRangeResponse {
  const { key, rangeEnd, prevKv } = request;
  const prevKvs = prevKv ? present(kv, key, rangeEnd) : [];
  const doomed: KeyHistory[] = [];
  kv.index.visit(keyRangeOf(key, rangeEnd), (history) => {
    if (!history.deleted) doomed.push(history);
    return true;
  });
  for (const history of doomed) writeDelete(kv, history);
  return { revision: kv.revision, deleted: doomed.length, prevKvs };
}

/** The keys of a lease that ends, in one revision of their own, in their order: sets do not keep it over a restart. */
export function deleteKeysOf({ kv }: State, lease: Lease): void {
  if (lease.keys === undefined) return;
  kv.beginRevision();
  for (const history of keysInOrder(kv, lease.keys)) writeDelete(kv, history);
}

export function keysInOrder({ index }: KvStore, numbers: Iterable<KeyNumber>): KeyHistory[] {
  const histories = Array.from(numbers, (number) => index.at(number));
  return histories.sort((a, b) => (a.key < b.key ? -1 : 1));
}
