import type { Error as Failure } from '@aegis/proto/v1/error';
import type { KvCompare, KvOperation, KvTxnRequest } from '@aegis/proto/v1/kv';

import { errorOf } from '../../../errors/index.js';

/** Keys and values of one request. The same as etcd's. */
export const KV_REQUEST_BYTES_MAX = 1.5 * 1024 * 1024;

/** Refuses what is too large to go through the log at once. */
export function checkSize(what: string, bytes: number): Failure | undefined {
  if (bytes <= KV_REQUEST_BYTES_MAX) return undefined;
  return errorOf('TOO_LARGE', { what, size: `${bytes} bytes`, limit: KV_REQUEST_BYTES_MAX });
}

/** Of all keys and values of a transaction, whichever way it goes. It must not be too deep. */
export function txnBytes({ compare, success, failure }: KvTxnRequest): number {
  const compared = compare.reduce((sum, each) => sum + compareBytes(each), 0);
  return [...success, ...failure].reduce((sum, each) => sum + operationBytes(each), compared);
}

function operationBytes({ request }: KvOperation): number {
  switch (request?.$case) {
    case 'range':
    case 'deleteRange':
      return request.value.key.length + request.value.rangeEnd.length;
    case 'put':
      return request.value.key.length + request.value.value.length;
    case 'txn':
      return txnBytes(request.value);
    case undefined:
      return 0;
  }
}

function compareBytes({ key, rangeEnd, target }: KvCompare): number {
  return key.length + rangeEnd.length + (target?.$case === 'value' ? target.value.length : 0);
}
