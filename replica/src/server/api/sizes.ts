import { keyValueBytes, keyValuesBytes, rangePromised, txnAnswerBytes, txnPromised } from './kv/sizes.js';
import { LIMITS, type Request } from './limits.js';
import type { AnswerResult } from './operations.js';

/** What a list entry takes beside its name; what a holder or waiter takes. Rounded up. */
const ENTRY_BYTES = 48;
/** UTF-8 bytes that one character of a string may take. */
const CHARACTER_BYTES = 3;
const SMALL_BYTES = 64;

/** About how many bytes an answer takes on its way to the client: not less, and without encoding it. */
export function answerBytes(result: AnswerResult): number {
  switch (result.$case) {
    case 'lockList':
      return result.value.locks.reduce((sum, { name }) => sum + textBytes(name) + ENTRY_BYTES, SMALL_BYTES);
    case 'leaseList':
      return SMALL_BYTES + result.value.leases.length * ENTRY_BYTES;
    case 'lockDescribe': {
      const { holders, waiters } = result.value.lock!;
      return SMALL_BYTES + (holders.length + waiters.length) * ENTRY_BYTES;
    }
    case 'leaseTimeToLive': {
      const { attachments, keys } = result.value;
      const keyBytes = keys.reduce((sum, key) => sum + key.length + 8, SMALL_BYTES);
      return attachments.reduce((sum, { name }) => sum + textBytes(name) + ENTRY_BYTES, keyBytes);
    }
    case 'leader':
      return SMALL_BYTES + (result.value.leader?.value.length ?? 0);
    case 'leaseKeepAlive':
      return SMALL_BYTES + result.value.ttlMs.length * 9;
    case 'kvRange':
      return keyValuesBytes(result.value.kvs);
    case 'kvPut':
      return SMALL_BYTES + keyValueBytes(result.value.prevKv);
    case 'kvDeleteRange':
      return keyValuesBytes(result.value.prevKvs);
    case 'kvTxn':
      return txnAnswerBytes(result.value.responses);
    case 'error':
      return SMALL_BYTES + textBytes(result.value.message);
    default:
      return SMALL_BYTES;
  }
}

/** What the answer to a request may take, as long as it is not known: only those that can be large count. */
export function promisedBytes(request: Request | undefined): number {
  switch (request?.$case) {
    case 'lockList':
    case 'leaseTimeToLive':
      return LIMITS.listPage * (LIMITS.nameBytes + ENTRY_BYTES);
    case 'leaseList':
      return LIMITS.listPage * ENTRY_BYTES;
    case 'lockDescribe':
    case 'lockWatch':
      return 2 * LIMITS.listPage * ENTRY_BYTES;
    case 'kvRange':
      return rangePromised(request.value);
    case 'kvTxn':
      return txnPromised(request.value);
    case 'leader':
    case 'observe':
      return LIMITS.electionValueBytes;
    default:
      return 0;
  }
}

export function textBytes(text: string): number {
  return text.length * CHARACTER_BYTES;
}
