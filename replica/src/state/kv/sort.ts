import { type KeyValue, KvSortTarget } from '@aegis/proto/v1/kv';

const COMPARE: Record<KvSortTarget, (a: KeyValue, b: KeyValue) => number> = {
  [KvSortTarget.KEY]: (a, b) => Buffer.compare(a.key, b.key),
  [KvSortTarget.VERSION]: (a, b) => a.version - b.version,
  [KvSortTarget.CREATE]: (a, b) => a.createRevision - b.createRevision,
  [KvSortTarget.MOD]: (a, b) => a.modRevision - b.modRevision,
  [KvSortTarget.VALUE]: (a, b) => Buffer.compare(a.value, b.value),
};

/** In place. What is equal stays in the order of the keys. */
export function sortKeyValues(kvs: KeyValue[], target: KvSortTarget, descending: boolean): void {
  const compare = COMPARE[target];
  kvs.sort(descending ? (a, b) => compare(b, a) : compare);
}
