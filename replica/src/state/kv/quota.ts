import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvOperation, KvPutRequest, KvTxnRequest } from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import type { KvStore } from './store.js';
import { rowSize } from './value-row.js';

/** Whether there is room for so many bytes more. Nothing that only deletes or compacts asks. */
export function checkRoom({ bytes, quotaBytes, noSpace }: KvStore, more: number): ErrorMessage | undefined {
  if (more === 0) return undefined;
  if (noSpace) return errorOf('NO_SPACE', {});
  if (quotaBytes === 0 || bytes + more <= quotaBytes) return undefined;
  return errorOf('QUOTA_EXCEEDED', { bytes, quota: quotaBytes });
}

export function costOfPut({ key, value }: KvPutRequest): number {
  return rowSize(key.length, value.length);
}

/** Of its costlier way: which one it goes must not decide whether it may. */
export function costOfTxn({ success, failure }: KvTxnRequest): number {
  return Math.max(costOf(success), costOf(failure));
}

function costOf(operations: readonly KvOperation[]): number {
  return operations.reduce((sum, { request }) => {
    if (request?.$case === 'put') return sum + costOfPut(request.value);
    return request?.$case === 'txn' ? sum + costOfTxn(request.value) : sum;
  }, 0);
}
