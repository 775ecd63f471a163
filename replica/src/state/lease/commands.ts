import type { Result, SetLeaseSettings } from '@aegis/proto/replica/command';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { LeaseGrantRequest, LeaseKeepAliveRequest, LeaseRevokeRequest } from '@aegis/proto/v1/lease';
import { failed } from '../envelope/failed.js';
import { checkGrowth } from '../alarms/growth.js';
import { errorOf } from '../../errors/index.js';
import { runQueue } from '../lock/queue.js';
import { leaseIdOf } from '../rows/layout.js';
import type { State } from '../state.js';
import { endLease } from './end-lease.js';
import { chooseLeaseId } from './lease-id.js';
import { Lease } from './lease.js';
import { writeLease } from './row.js';
import { LEASE_EXPIRY_MAX, LEASE_TTL_MS_MAX } from './settings.js';

const KEEP_ALIVE_MAX = 10_000;

export function grant(state: State, request: LeaseGrantRequest): Result {
  const { ttlMs } = request;
  const { leaseMinTtlMs: min, leaseMaxTtlMs: max } = state.leaseSettings;
  if (ttlMs < min || ttlMs > max) return failed(errorOf('INVALID_TTL', { ttl: ttlMs, min, max }));
  if (state.leases.has(request.lease)) return failed(errorOf('LEASE_EXISTS', { lease: request.lease }));
  const noRoom = checkGrowth(state) ?? checkCount(state);
  if (noRoom !== undefined) return failed(noRoom);
  const id = request.lease === '0' ? chooseLeaseId(state) : request.lease;
  const lease = new Lease(id, leaseIdOf(id), ttlMs, state.index, state.clock.nowMs + ttlMs, false);
  state.leases.set(id, lease);
  state.deadlines.add(lease.deadline);
  writeLease(state, lease);
  return { result: { $case: 'leaseGrant', value: { lease: id, ttlMs, grantIndex: state.index } } };
}

function checkCount({ leases, limits }: State): ErrorMessage | undefined {
  if (leases.size < limits.leases) return undefined;
  return errorOf('OVERLOADED', { what: 'The number of leases', limit: limits.leases });
}

export function keepAlive(state: State, { leases }: LeaseKeepAliveRequest): Result {
  if (leases.length > KEEP_ALIVE_MAX) {
    const details = { what: 'The keepalive', size: `${leases.length} leases`, limit: KEEP_ALIVE_MAX };
    return failed(errorOf('TOO_LARGE', details));
  }
  const ttlMs = leases.map((id) => {
    const lease = state.leases.get(id);
    if (lease === undefined) return 0;
    renew(state, lease);
    return lease.ttlMs;
  });
  return { result: { $case: 'leaseKeepAlive', value: { ttlMs } } };
}

function renew(state: State, lease: Lease): void {
  const wasDue = lease.deadline.atMs <= state.expiredUpToMs;
  const deadlineMs = state.clock.nowMs + lease.ttlMs;
  if (deadlineMs === lease.deadline.atMs) return;
  lease.deadline.atMs = deadlineMs;
  writeLease(state, lease);
  if (!wasDue || lease.waiting === 0) return;
  for (const { lock } of [...lease.waitingClaims()]) runQueue(state, lock);
}

export function revoke(state: State, { lease: id }: LeaseRevokeRequest): Result {
  const lease = state.leases.get(id);
  if (lease === undefined) return failed(errorOf('LEASE_NOT_FOUND', { lease: id }));
  state.deadlines.remove(lease.deadline);
  for (const lock of endLease(state, lease)) runQueue(state, lock);
  return { result: { $case: 'leaseRevoke', value: {} } };
}

export function setLeaseSettings(state: State, settings: SetLeaseSettings): Result {
  const { leaseMinTtlMs, leaseMaxTtlMs } = settings;
  const leaseExpiryPerTick = settings.leaseExpiryPerTick || state.leaseSettings.leaseExpiryPerTick;
  if (leaseMinTtlMs < 1 || leaseMinTtlMs > leaseMaxTtlMs || leaseMaxTtlMs > LEASE_TTL_MS_MAX) {
    return failed(
      errorOf('INVALID_ARGUMENT', {
        field: 'lease_min_ttl_ms, lease_max_ttl_ms',
        value: `${leaseMinTtlMs}, ${leaseMaxTtlMs}`,
        expected: `rising, 1 to ${LEASE_TTL_MS_MAX}`,
      }),
    );
  }
  if (leaseExpiryPerTick > LEASE_EXPIRY_MAX) {
    const [field, value] = ['lease_expiry_per_tick', leaseExpiryPerTick];
    return failed(errorOf('INVALID_ARGUMENT', { field, value, expected: `at most ${LEASE_EXPIRY_MAX}` }));
  }
  state.leaseSettings = { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick };
  return { result: { $case: 'done', value: {} } };
}
