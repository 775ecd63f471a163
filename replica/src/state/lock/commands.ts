import type { Result } from '@aegis/proto/replica/command';
import {
  type LockAcquireRequest,
  LockMode,
  type LockReleaseRequest,
  type LockReleaseResponse,
} from '@aegis/proto/v1/lock';
import type { ClaimKind } from '../applied.js';
import { failed } from '../envelope/failed.js';
import type { State } from '../state.js';
import { claimIt } from './acquire.js';
import { checkName, checkTerms, checkWait } from './check.js';
import { removeClaim, runQueue } from './queue.js';

const NO_VALUE = Buffer.alloc(0);

export function acquire(state: State, request: LockAcquireRequest): Result {
  const { name, lease, claim, permits, waitMs, lockDelayMs } = request;
  const wrong =
    checkName('name', name) ?? checkTerms(request.mode, permits, lockDelayMs) ?? checkWait(waitMs);
  if (wrong !== undefined) return failed(wrong);
  const mode = request.mode === LockMode.UNSPECIFIED ? LockMode.EXCLUSIVE : request.mode;
  const terms = { mode, permits: mode === LockMode.SEMAPHORE ? permits : 0, lockDelayMs };
  const answer = claimIt(state, { kind: 'lock', name, lease, claim, terms, waitMs, value: NO_VALUE });
  if ('error' in answer) return failed(answer.error);
  return { result: { $case: 'lockAcquire', value: answer.response } };
}

export function release(state: State, { name, lease, claim }: LockReleaseRequest): Result {
  return { result: { $case: 'lockRelease', value: giveUp(state, 'lock', name, lease, claim) } };
}

/** A holder's release, or the withdrawal of a waiter. Releasing what is not there is no error: it is the aim. */
export function giveUp(
  state: State,
  kind: ClaimKind,
  name: string,
  leaseId: string,
  number: number,
): LockReleaseResponse {
  const lock = state.locks[kind].get(name);
  const lease = state.leases.get(leaseId);
  const claim = lock !== undefined && lease !== undefined ? lock.find(lease, number) : undefined;
  if (lock === undefined || claim === undefined) return { released: false, token: 0 };
  const { token } = claim;
  removeClaim(state, claim, 'released');
  runQueue(state, lock);
  return { released: true, token };
}
