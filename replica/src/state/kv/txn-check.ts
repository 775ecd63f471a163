import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvOperation, KvTxnRequest } from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import { checkCompare, checkDelete, checkPut, checkRange } from './check.js';
import { changesKeyTwice } from './duplicate-keys.js';

/** In each list of a transaction. One inside another may have what the outer one leaves. */
export const TXN_OPERATIONS_MAX = 128;

/**
 * Transactions in one another. Protobuf messages are read 100 deep, and a transaction, which takes two levels, must still
 * be read inside of a batch, and its result inside of a row.
 */
export const TXN_DEPTH_MAX = 32;

/** What is wrong with a transaction that needs no state to be judged. */
export function checkTxn(txn: KvTxnRequest): ErrorMessage | undefined {
  const wrong = checkLevel(txn, TXN_OPERATIONS_MAX, TXN_DEPTH_MAX);
  if (wrong !== undefined) return wrong;
  return changesKeyTwice(txn) ? errorOf('DUPLICATE_KEY', {}) : undefined;
}

function checkLevel(
  { compare, success, failure }: KvTxnRequest,
  max: number,
  depth: number,
): ErrorMessage | undefined {
  const count = Math.max(compare.length, success.length, failure.length);
  if (depth === 0) {
    const expected = `at most ${TXN_DEPTH_MAX} deep`;
    return errorOf('INVALID_ARGUMENT', { field: 'txn', value: 'a transaction in too many others', expected });
  }
  if (count > max) return errorOf('TOO_MANY_OPERATIONS', { count, limit: TXN_OPERATIONS_MAX });
  for (const each of compare) {
    const wrong = checkCompare(each);
    if (wrong !== undefined) return wrong;
  }
  for (const operation of [...success, ...failure]) {
    const wrong = checkOperation(operation, max - count, depth - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkOperation({ request }: KvOperation, max: number, depth: number): ErrorMessage | undefined {
  switch (request?.$case) {
    case 'range':
      return checkRange(request.value);
    case 'put':
      return checkPut(request.value);
    case 'deleteRange':
      return checkDelete(request.value);
    case 'txn':
      return checkLevel(request.value, max, depth);
    case undefined: {
      const details = {
        field: 'operation',
        value: 'absent',
        expected: 'a range, put, delete or transaction',
      };
      return errorOf('INVALID_ARGUMENT', details);
    }
  }
}
