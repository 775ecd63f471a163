import type { KvCompare, KvOperation, KvTxnRequest } from '@aegis/proto/v1/kv';
import type { Op } from '../../testing/script.js';
import { inRange, text } from './kv-model-range.js';

/** An operation, and what a transaction does once its comparisons are made. */
export interface Step {
  readonly operation: KvOperation;
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

export function operationOf(op: Op): KvOperation {
  switch (op.$case) {
    case 'kvPut':
      return { request: { $case: 'put', value: op.value } };
    case 'kvDeleteRange':
      return { request: { $case: 'deleteRange', value: op.value } };
    case 'kvTxn':
      return { request: { $case: 'txn', value: op.value } };
    default:
      throw new Error(`not in the model: ${op.$case}`);
  }
}

export function stepOf(operation: KvOperation, holds: (compare: KvCompare) => boolean): Step {
  const { request } = operation;
  if (request?.$case !== 'txn') return { operation, succeeded: false, steps: [] };
  const { compare, success, failure } = request.value;
  const succeeded = compare.map(holds).every(Boolean);
  return { operation, succeeded, steps: (succeeded ? success : failure).map((each) => stepOf(each, holds)) };
}

export function leavesOf({ operation, steps }: Step): KvOperation[] {
  return operation.request?.$case === 'txn' ? steps.flatMap(leavesOf) : [operation];
}

/** What is wrong with a request by itself; `room` counts its own place too. */
export function wrongOf({ request }: KvOperation, room: number): string | undefined {
  switch (request?.$case) {
    case 'txn':
      return wrongTxn(request.value, room - 1) ?? (collides(request.value) ? 'DUPLICATE_KEY' : undefined);
    case 'put': {
      const { key, value, lease, ignoreValue, ignoreLease } = request.value;
      const wrong = key.length === 0 || (ignoreValue && value.length > 0) || (ignoreLease && lease !== '0');
      return wrong ? 'INVALID_ARGUMENT' : undefined;
    }
    default:
      return request === undefined || request.value.key.length === 0 ? 'INVALID_ARGUMENT' : undefined;
  }
}

function wrongTxn({ compare, success, failure }: KvTxnRequest, room: number): string | undefined {
  const count = Math.max(compare.length, success.length, failure.length);
  if (count > room) return 'TOO_MANY_OPERATIONS';
  if (compare.some(({ key }) => key.length === 0)) return 'INVALID_ARGUMENT';
  for (const { request } of [...success, ...failure]) {
    const wrong =
      request?.$case === 'txn' ? wrongTxn(request.value, room - count) : wrongOf({ request }, room - count);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Every list of puts and deletes that a list of operations can come to. */
function outcomes(operations: readonly KvOperation[]): KvOperation[][] {
  return operations.reduce<KvOperation[][]>(
    (before, operation) => {
      const { request } = operation;
      const ways =
        request?.$case === 'txn'
          ? [...outcomes(request.value.success), ...outcomes(request.value.failure)]
          : [[operation]];
      return before.flatMap((done) => ways.map((way) => [...done, ...way]));
    },
    [[]],
  );
}

function collides({ success, failure }: KvTxnRequest): boolean {
  return [...outcomes(success), ...outcomes(failure)].some((made) => {
    const puts = made.flatMap(({ request }) => (request?.$case === 'put' ? [text(request.value.key)] : []));
    const deletes = made.flatMap(({ request }) => (request?.$case === 'deleteRange' ? [request.value] : []));
    return (
      new Set(puts).size < puts.length || puts.some((key) => deletes.some((range) => inRange(key, range)))
    );
  });
}

/** The bytes of the puts of the way that has more of them. */
export function costOf(operations: readonly KvOperation[]): number {
  return operations.reduce((sum, { request }) => {
    if (request?.$case === 'put') return sum + 42 + request.value.key.length + request.value.value.length;
    if (request?.$case !== 'txn') return sum;
    return sum + Math.max(costOf(request.value.success), costOf(request.value.failure));
  }, 0);
}
