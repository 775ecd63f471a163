import { type KvCompare, KvCompareResult, type KeyValue } from '@aegis/proto/v1/kv';
import { present } from './range.js';
import type { KvStore } from './store.js';

const NO_BYTES = Buffer.alloc(0);
/** What numbers are compared with when no key is there. */
const ABSENT: KeyValue = {
  key: NO_BYTES,
  createRevision: 0,
  modRevision: 0,
  version: 0,
  value: NO_BYTES,
  lease: '0',
};

/** Whether a comparison holds on the store as it is. */
export function holds(kv: KvStore, compare: KvCompare): boolean {
  const kvs = present(kv, compare.key, compare.rangeEnd);
  if (kvs.length === 0) return compare.target?.$case !== 'value' && compares(compare, ABSENT);
  return kvs.every((each) => compares(compare, each));
}

function compares({ target, result }: KvCompare, kv: KeyValue): boolean {
  const difference = differenceOf(target, kv);
  switch (result) {
    case KvCompareResult.EQUAL:
      return difference === 0;
    case KvCompareResult.GREATER:
      return difference > 0;
    case KvCompareResult.LESS:
      return difference < 0;
    case KvCompareResult.NOT_EQUAL:
      return difference !== 0;
  }
}

/** Of the key from the target: their order, as its sign. */
function differenceOf(target: KvCompare['target'], kv: KeyValue): number {
  switch (target?.$case) {
    case undefined:
      return kv.version;
    case 'version':
      return kv.version - target.value;
    case 'createRevision':
      return kv.createRevision - target.value;
    case 'modRevision':
      return kv.modRevision - target.value;
    case 'value':
      return Buffer.compare(kv.value, target.value);
    case 'lease':
      return Number(BigInt(kv.lease) - BigInt(target.value));
  }
}
