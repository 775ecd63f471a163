import type { KvCompare, KvOperation, KvTxnRequest } from '@aegis/proto/v1/kv';

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
