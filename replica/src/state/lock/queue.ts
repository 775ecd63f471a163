import type { StateEventType } from '../applied.js';
import type { State } from '../state.js';
import type { Claim } from './claim.js';
import { Delay } from './delay.js';
import type { Lock } from './lock.js';
import { writeClaim, writeDelay } from './rows.js';

/**
 * Grants whatever the head of the queue may have, strictly in the order of arrival: a waiter that cannot be granted
 * holds up those behind it. Drops the lock if nothing is left of it. To be called after everything that may let the
 * head of the queue go: a claim, a rest or a lease that ended, and a lease that was due and is renewed.
 */
export function runQueue(state: State, lock: Lock): void {
  for (let head = lock.queue.first; head !== undefined; head = lock.queue.first) {
    if (lock.delay !== undefined || !mayBeGranted(state, head)) break;
    if (!lock.admits(head.terms.mode, head.terms.permits)) break;
    grantWaiter(state, head);
  }
  if (lock.isFree) state.locks[lock.kind].delete(lock.name);
}

/** Due under an Expire that the batch limit cut short: it keeps its place, until a keepalive or its removal. */
function mayBeGranted(state: State, claim: Claim): boolean {
  if (claim.lease.deadline.atMs <= state.expiredUpToMs) return false;
  return claim.deadline === undefined || claim.deadline.atMs > state.expiredUpToMs;
}

function grantWaiter(state: State, claim: Claim): void {
  stopWaiting(state, claim);
  claim.lock.promote(claim, ++state.newestToken);
  state.holders++;
  writeClaim(state, claim);
  emit(state, 'granted', claim);
}

/** Takes a claim away, for whatever reason. The caller runs the queue once all that ends with it has ended. */
export function removeClaim(state: State, claim: Claim, why: StateEventType): void {
  const { lock, lease } = claim;
  lock.remove(claim);
  lease.claims.remove(claim);
  if (claim.token === 0) stopWaiting(state, claim);
  else state.holders--;
  state.rows.delete(claim.row);
  emit(state, why, claim);
}

/** The lease of this holder ended without a release: the lock rests, the longest rest counts. */
export function startDelay(state: State, claim: Claim): void {
  const { lock, number, terms } = claim;
  if (terms.lockDelayMs === 0) return;
  const untilMs = state.clock.nowMs + terms.lockDelayMs;
  if (lock.delay !== undefined) {
    if (lock.delay.deadline.atMs >= untilMs) return;
    state.deadlines.remove(lock.delay.deadline);
    endDelay(state, lock.delay);
  }
  lock.delay = new Delay(lock, number, untilMs, false);
  state.deadlines.add(lock.delay.deadline);
  state.delays++;
  writeDelay(state, lock.delay);
}

/** Its deadline must be out of the schedule already. The caller runs the queue. */
export function endDelay(state: State, delay: Delay): void {
  delay.lock.delay = undefined;
  state.delays--;
  state.rows.delete(delay.row);
}

export function emit(state: State, type: StateEventType, claim: Claim): void {
  const { lock, lease, token } = claim;
  state.events.push({
    type,
    kind: lock.kind,
    name: lock.name,
    lease: lease.id,
    claim: claim.claim,
    token,
    index: state.index,
    value: lock.kind === 'election' ? claim.value : undefined,
  });
}

function stopWaiting(state: State, claim: Claim): void {
  state.waiters--;
  claim.lease.waiting--;
  if (claim.deadline === undefined) return;
  if (claim.deadline.scheduled) state.deadlines.remove(claim.deadline);
  claim.deadline = undefined;
}
