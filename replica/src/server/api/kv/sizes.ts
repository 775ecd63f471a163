import type { KeyValue, KvAnswer, KvRangeRequest, KvTxnRequest, KvWatchResponse } from '@aegis/proto/v1/kv';

/** What a key takes beside its bytes; an answer of any kind. Rounded up. */
const KEY_VALUE_BYTES = 48;
const SMALL_BYTES = 64;

/** What one key, or a range, is expected to take as long as it has not been read. Most values are small. */
const KEY_PROMISED = 1024;
const RANGE_PROMISED = 256 * 1024;

export function keyValueBytes(kv: KeyValue | undefined): number {
  return kv === undefined ? 0 : KEY_VALUE_BYTES + kv.key.length + kv.value.length;
}

export function keyValuesBytes(kvs: readonly KeyValue[]): number {
  return kvs.reduce((sum, kv) => sum + keyValueBytes(kv), SMALL_BYTES);
}

export function txnAnswerBytes(responses: readonly KvAnswer[]): number {
  return responses.reduce((sum, answer) => sum + kvAnswerBytes(answer), SMALL_BYTES);
}

function kvAnswerBytes({ response }: KvAnswer): number {
  switch (response?.$case) {
    case 'range':
      return keyValuesBytes(response.value.kvs);
    case 'put':
      return SMALL_BYTES + keyValueBytes(response.value.prevKv);
    case 'deleteRange':
      return keyValuesBytes(response.value.prevKvs);
    case 'txn':
      return txnAnswerBytes(response.value.responses);
    case undefined:
      return 0;
  }
}

export function watchResponseBytes({ events }: KvWatchResponse): number {
  return events.reduce((sum, { kv, prevKv }) => sum + keyValueBytes(kv) + keyValueBytes(prevKv), SMALL_BYTES);
}

export function rangePromised({ rangeEnd, countOnly, limit }: KvRangeRequest): number {
  if (countOnly) return 0;
  if (rangeEnd.length === 0) return KEY_PROMISED;
  return limit === 0 ? RANGE_PROMISED : Math.min(RANGE_PROMISED, limit * KEY_PROMISED);
}

export function txnPromised({ success, failure }: KvTxnRequest): number {
  return KEY_PROMISED * Math.max(success.length, failure.length);
}
