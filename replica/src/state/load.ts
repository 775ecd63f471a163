import { ClaimRow, DelayRow, LeaseRow } from '@aegis/proto/replica/state';
import { assert } from './assert.js';
import type { ClaimKind } from './applied.js';
import { loadKeys } from './kv/load.js';
import { Lease } from './lease/lease.js';
import { Claim } from './lock/claim.js';
import { Delay } from './lock/delay.js';
import { Lock } from './lock/lock.js';
import {
  claimNumberAt,
  leaseIdAt,
  leaseIdOf,
  SECTION,
  sectionRange,
  sequenceAt,
  singleKey,
} from './rows/layout.js';
import { Row } from './rows/row.js';
import { noteResult, readResult } from './session/at-most-once.js';
import { SessionTable } from './session/session-table.js';
import type { State } from './state.js';
import type { StateStorage } from './storage/storage.js';

/** Fills an empty state from the rows of a storage, so that it goes on exactly as the one that wrote them would. */
export async function loadState(state: State, storage: StateStorage): Promise<void> {
  const [alarms] = storage.getMany([singleKey(SECTION.alarms)]);
  if (alarms !== undefined) state.alarms.restore(alarms);
  for await (const { key, value } of storage.iterate(sectionRange(SECTION.lease))) {
    loadLease(state, leaseIdAt(key), LeaseRow.decode(value));
  }
  for await (const { key, value } of storage.iterate(sectionRange(SECTION.result))) {
    const lease = leaseOf(state, leaseIdAt(key));
    const session = (lease.session ??= new SessionTable());
    const { floor, result } = readResult(value);
    session.floor = Math.max(session.floor, floor);
    noteResult(state, session, sequenceAt(key), { result, row: new Row(key, true), bytes: value.length });
  }
  await loadKeys(state, storage);
  for await (const { key, value } of storage.iterate(sectionRange(SECTION.claim))) {
    loadClaim(state, claimNumberAt(key), ClaimRow.decode(value));
  }
  for await (const { key, value } of storage.iterate(sectionRange(SECTION.delay))) {
    loadDelay(state, claimNumberAt(key), DelayRow.decode(value));
  }
}

function loadLease(state: State, id: string, { ttlMs, grantIndex, deadlineMs }: LeaseRow): void {
  const lease = new Lease(id, leaseIdOf(id), ttlMs, grantIndex, deadlineMs, true);
  state.leases.set(id, lease);
  state.deadlines.add(lease.deadline);
}

/** They come in the order of their arrival: that of the queues, and of the grants, because queues are fair. */
function loadClaim(state: State, number: number, row: ClaimRow): void {
  const { mode, permits, lockDelayMs } = row;
  const lease = leaseOf(state, row.lease);
  const terms = { mode, permits, lockDelayMs };
  const claim = new Claim(lockOf(state, row), lease, row.claim, number, terms, row.value, true);
  claim.token = row.token;
  lease.claims.append(claim);
  assert(
    row.token === 0 || row.token > (claim.lock.holders.last?.token ?? 0),
    'grants follow the order of arrival',
  );
  claim.lock.add(claim);
  if (row.token !== 0) {
    state.holders++;
    return;
  }
  state.waiters++;
  lease.waiting++;
  if (row.waitDeadlineMs !== 0) state.deadlines.add(claim.waitUntil(row.waitDeadlineMs));
}

function loadDelay(state: State, number: number, row: DelayRow): void {
  const lock = lockOf(state, row);
  lock.delay = new Delay(lock, number, row.deadlineMs, true);
  state.deadlines.add(lock.delay.deadline);
  state.delays++;
}

function leaseOf(state: State, id: string): Lease {
  const lease = state.leases.get(id);
  assert(lease !== undefined, `a stored row names lease ${id}, which is not stored`);
  return lease;
}

function lockOf(state: State, { election, name }: { election: boolean; name: string }): Lock {
  const kind: ClaimKind = election ? 'election' : 'lock';
  let lock = state.locks[kind].get(name);
  if (lock === undefined) {
    lock = new Lock(kind, name);
    state.locks[kind].set(name, lock);
  }
  return lock;
}
