import { LockMode, type LockDescription } from '@aegis/proto/v1/lock';
import type { Call } from '@aegis/proto/v1/session';

import type { RawSession, Request } from './raw-session.js';

/** Requests as they go over the wire, with what does not matter filled in. */
export function grant(ttlMs: number, lease = '0'): Request {
  return { $case: 'leaseGrant', value: { lease, ttlMs } };
}

export function acquire(name: string, lease: string, over: Partial<AcquireFields> = {}): Request {
  const value = {
    name,
    lease,
    claim: 1,
    mode: LockMode.EXCLUSIVE,
    permits: 0,
    waitMs: 0,
    lockDelayMs: 0,
    ...over,
  };
  return { $case: 'lockAcquire', value };
}

interface AcquireFields {
  readonly claim: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly waitMs: number;
  readonly lockDelayMs: number;
}

export function release(name: string, lease: string, claim = 1): Request {
  return { $case: 'lockRelease', value: { name, lease, claim } };
}

export function revoke(lease: string): Request {
  return { $case: 'leaseRevoke', value: { lease } };
}

/** A lease, and how its calls are numbered. */
export interface RawLease {
  readonly lease: string;
  readonly grantIndex: number;
  call(sequence: number, lowestUnanswered?: number): Call;
}

export async function openLease(session: RawSession, ttlMs: number, id = '0'): Promise<RawLease> {
  const { lease, grantIndex } = await session.result('leaseGrant', grant(ttlMs, id));
  const call = (sequence: number, lowestUnanswered = 1): Call => ({
    lease,
    grantIndex,
    sequence,
    lowestUnanswered,
  });
  return { lease, grantIndex, call };
}

export async function describe(session: RawSession, name: string): Promise<LockDescription> {
  const { lock } = await session.result('lockDescribe', {
    $case: 'lockDescribe',
    value: { name, stale: false },
  });
  return lock!;
}
