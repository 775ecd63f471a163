import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvAnswer, KvOperation, KvTxnRequest, KvTxnResponse } from '@aegis/proto/v1/kv';
import type { State } from '../state.js';
import { checkRevision } from './check.js';
import { holds } from './compare.js';
import { deleteRange } from './delete-range.js';
import { checkPutState, put } from './put.js';
import { findRange, range } from './range.js';
import { deleteReadBytes, putReadBytes } from './read-limit.js';
import type { KvStore } from './store.js';

/** An operation that will be made; of a transaction inside, which way it goes. */
type Step = Exclude<NonNullable<KvOperation['request']>, { $case: 'txn' }> | { $case: 'txn'; way: Way };

/** The way that a transaction goes. */
export interface Way {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

/** All comparisons are made before anything is changed, those of the transactions inside too. */
export function wayOf(kv: KvStore, { compare, success, failure }: KvTxnRequest): Way {
  const succeeded = compare.every((each) => holds(kv, each));
  const steps = (succeeded ? success : failure).map(({ request }): Step => {
    if (request!.$case !== 'txn') return request!;
    return { $case: 'txn', way: wayOf(kv, request!.value) };
  });
  return { succeeded, steps };
}

/** Whether each step on the way can be made. Asked before the first: nothing is ever taken back. */
export function checkWay(state: State, { steps }: Way): ErrorMessage | undefined {
  for (const step of steps) {
    const wrong = checkStep(state, step);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkStep(state: State, step: Step): ErrorMessage | undefined {
  switch (step.$case) {
    case 'range':
      return checkRevision(state.kv, step.value.revision);
    case 'put':
      return checkPutState(state, step.value);
    case 'deleteRange':
      return undefined;
    case 'txn':
      return checkWay(state, step.way);
  }
}

/** Bytes that the way reads for its answers, on the store as it is before. */
export function wayReadBytes(kv: KvStore, { steps }: Way): number {
  return steps.reduce((sum, step) => sum + stepReadBytes(kv, step), 0);
}

function stepReadBytes(kv: KvStore, step: Step): number {
  switch (step.$case) {
    case 'range':
      return findRange(kv, step.value).bytes;
    case 'put':
      return putReadBytes(kv, step.value);
    case 'deleteRange':
      return deleteReadBytes(kv, step.value);
    case 'txn':
      return wayReadBytes(kv, step.way);
  }
}

export function take(state: State, { succeeded, steps }: Way): KvTxnResponse {
  const responses = steps.map((step): KvAnswer => ({ response: make(state, step) }));
  return { revision: state.kv.revision, succeeded, responses };
}

function make(state: State, step: Step): NonNullable<KvAnswer['response']> {
  switch (step.$case) {
    case 'range':
      return { $case: 'range', value: range(state.kv, step.value) };
    case 'put':
      return { $case: 'put', value: put(state, step.value) };
    case 'deleteRange':
      return { $case: 'deleteRange', value: deleteRange(state, step.value) };
    case 'txn':
      return { $case: 'txn', value: take(state, step.way) };
  }
}
