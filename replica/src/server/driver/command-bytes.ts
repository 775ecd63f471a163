import type { Command } from '@aegis/proto/replica/command';
import type { KvTxnRequest } from '@aegis/proto/v1/kv';

/** What a command takes beside values: names, keys, numbers. */
const BASE_BYTES = 512;

/** About how much of a log entry a command takes, without encoding it: what is large in it, and a base for the rest. */
export function commandBytes({ op }: Command): number {
  switch (op?.$case) {
    case 'kvPut':
      return BASE_BYTES + op.value.key.length + op.value.value.length;
    case 'kvTxn':
      return BASE_BYTES + txnBytes(op.value);
    case 'campaign':
    case 'proclaim':
      return BASE_BYTES + op.value.value.length;
    case 'leaseKeepAlive':
      return BASE_BYTES + 24 * op.value.leases.length;
    default:
      return BASE_BYTES;
  }
}

function txnBytes({ compare, success, failure }: KvTxnRequest): number {
  let bytes = BASE_BYTES * (compare.length + success.length + failure.length);
  for (const { key, rangeEnd, target } of compare) {
    bytes += key.length + rangeEnd.length + (target?.$case === 'value' ? target.value.length : 0);
  }
  for (const operations of [success, failure]) {
    for (const { request } of operations) {
      if (request?.$case === 'put') bytes += request.value.key.length + request.value.value.length;
      else if (request?.$case === 'txn') bytes += txnBytes(request.value);
      else if (request !== undefined) bytes += request.value.key.length + request.value.rangeEnd.length;
    }
  }
  return bytes;
}
