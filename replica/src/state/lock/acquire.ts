import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import { AcquireOutcome, type LockAcquireResponse, LockMode } from '@aegis/proto/v1/lock';
import { checkGrowth } from '../alarms/growth.js';
import type { ClaimKind } from '../applied.js';
import { errorOf } from '../../errors/index.js';
import type { Lease } from '../lease/lease.js';
import type { State } from '../state.js';
import { Claim, type ClaimTerms } from './claim.js';
import { CLAIMS_PER_LEASE_MAX, WAITERS_PER_LEASE_MAX, WAITERS_PER_LOCK_MAX } from './limits.js';
import { Lock } from './lock.js';
import { emit } from './queue.js';
import { writeClaim } from './rows.js';

/** What locks and elections are asked alike. Checked already, but for what the state decides. */
export interface ClaimRequest {
  readonly kind: ClaimKind;
  readonly name: string;
  readonly lease: string;
  readonly claim: number;
  readonly terms: ClaimTerms;
  /** 0: do not queue; -1: without limit. */
  readonly waitMs: number;
  readonly value: Buffer;
}

export type ClaimAnswer = { readonly error: ErrorMessage } | { readonly response: LockAcquireResponse };

export function claimIt(state: State, request: ClaimRequest): ClaimAnswer {
  const { kind, name, terms } = request;
  const lease = state.leases.get(request.lease);
  if (lease === undefined) return { error: errorOf('LEASE_NOT_FOUND', { lease: request.lease }) };

  const lock = state.locks[kind].get(name);
  const standing = lock?.find(lease, request.claim);
  if (standing !== undefined) return howItStands(standing, request);

  const sample = lock?.sample;
  if (sample !== undefined && permitsOf(sample.terms) !== permitsOf(terms))
    return { error: errorOf('LOCK_KIND_MISMATCH', { name, kind: describe(sample.terms) }) };

  if (lease.claims.length >= CLAIMS_PER_LEASE_MAX)
    return full(name, `lease ${lease.id} (its claims)`, CLAIMS_PER_LEASE_MAX);
  const { claims, waiters } = state.limits;
  if (state.holders + state.waiters >= claims) return full(name, 'the cluster (all claims)', claims);
  const isFree = isFreeFor(state, lock, lease, terms);
  if (!isFree && request.waitMs === 0)
    return { response: { outcome: AcquireOutcome.NOT_GRANTED, token: 0, position: 0 } };
  const noRoom = checkGrowth(state);
  if (noRoom !== undefined) return { error: noRoom };
  if (isFree) return { response: grantAtOnce(state, lock, lease, request) };

  if (state.waiters >= waiters) return full(name, 'the cluster (all waiting claims)', waiters);
  if (lock !== undefined && lock.queue.length >= WAITERS_PER_LOCK_MAX)
    return full(name, 'its queue', WAITERS_PER_LOCK_MAX);
  if (lease.waiting >= WAITERS_PER_LEASE_MAX)
    return full(name, `lease ${lease.id} (its waiting claims)`, WAITERS_PER_LEASE_MAX);
  return { response: enqueue(state, lock, lease, request) };
}

/** Asking again changes nothing. */
function howItStands(standing: Claim, request: ClaimRequest): ClaimAnswer {
  const { mode } = standing.terms;
  if (mode !== request.terms.mode || permitsOf(standing.terms) !== permitsOf(request.terms)) {
    const { name, lease, claim } = request;
    return { error: errorOf('CLAIM_MISMATCH', { name, lease, claim, kind: describe(standing.terms) }) };
  }
  if (standing.token !== 0)
    return { response: { outcome: AcquireOutcome.GRANTED, token: standing.token, position: 0 } };
  let position = 0;
  for (let before = standing.previousOfLock; before !== undefined; before = before.previousOfLock) position++;
  return { response: { outcome: AcquireOutcome.QUEUED, token: 0, position } };
}

/** The same that would let a waiter at the head of the queue go. */
function isFreeFor(state: State, lock: Lock | undefined, lease: Lease, terms: ClaimTerms): boolean {
  if (lease.deadline.atMs <= state.expiredUpToMs) return false;
  if (lock === undefined) return true;
  return lock.queue.length === 0 && lock.delay === undefined && lock.admits(terms.mode, terms.permits);
}

function grantAtOnce(
  state: State,
  lock: Lock | undefined,
  lease: Lease,
  request: ClaimRequest,
): LockAcquireResponse {
  const claim = newClaim(state, lock, lease, request);
  claim.token = ++state.newestToken;
  state.holders++;
  claim.lock.add(claim);
  writeClaim(state, claim);
  emit(state, 'granted', claim);
  return { outcome: AcquireOutcome.GRANTED, token: claim.token, position: 0 };
}

function enqueue(
  state: State,
  lock: Lock | undefined,
  lease: Lease,
  request: ClaimRequest,
): LockAcquireResponse {
  const claim = newClaim(state, lock, lease, request);
  if (request.waitMs > 0) state.deadlines.add(claim.waitUntil(state.clock.nowMs + request.waitMs));
  state.waiters++;
  lease.waiting++;
  claim.lock.add(claim);
  writeClaim(state, claim);
  emit(state, 'queued', claim);
  return { outcome: AcquireOutcome.QUEUED, token: 0, position: claim.lock.queue.length - 1 };
}

function newClaim(state: State, found: Lock | undefined, lease: Lease, request: ClaimRequest): Claim {
  const { kind, name, terms, value } = request;
  let lock = found;
  if (lock === undefined) {
    lock = new Lock(kind, name);
    state.locks[kind].set(name, lock);
  }
  const claim = new Claim(lock, lease, request.claim, ++state.newestClaim, terms, value, false);
  lease.claims.append(claim);
  return claim;
}

function permitsOf(terms: ClaimTerms): number {
  return terms.mode === LockMode.SEMAPHORE ? terms.permits : 0;
}

function describe({ mode, permits }: ClaimTerms): string {
  if (mode === LockMode.SEMAPHORE) return `a semaphore of ${permits} permits`;
  return mode === LockMode.SHARED ? 'a shared lock' : 'an exclusive lock';
}

function full(name: string, what: string, limit: number): ClaimAnswer {
  return { error: errorOf('LOCK_QUEUE_FULL', { name, what, limit }) };
}
