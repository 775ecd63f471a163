import type { LeaderResponse } from '@aegis/proto/v1/election';
import { type Alarm, AlarmKind } from '@aegis/proto/v1/alarm';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvEvent, KvRangeRequest, KvRangeResponse } from '@aegis/proto/v1/kv';
import type { LeaseListResponse, LeaseTimeToLiveResponse } from '@aegis/proto/v1/lease';
import type { LockDescription, LockListResponse } from '@aegis/proto/v1/lock';
import type { ClaimKind } from './applied.js';
import { eventOf, type KvChange } from './kv/change.js';
import { checkRange, checkRevision } from './kv/check.js';
import { type ChangesSince, changesSince } from './kv/history.js';
import type { KeyRange } from './kv/key-range.js';
import { findRange, readRange } from './kv/range.js';
import { checkReadBytes } from './kv/read-limit.js';
import { describeLease, listLeases, summarizeLease, type LeaseSummary } from './lease/reads.js';
import type { LeaseSettings } from './lease/settings.js';
import { describeLeader, describeLock, listLocks } from './lock/reads.js';
import type { State } from './state.js';

export interface StateCounts {
  readonly leases: number;
  readonly locks: number;
  readonly elections: number;
  /** Of locks and elections. */
  readonly holders: number;
  readonly waiters: number;
  /** Locks that rest. */
  readonly delays: number;
  /** Results kept for sequenced calls. */
  readonly sessionResults: number;
  /** Bytes of their rows. */
  readonly resultBytes: number;
}

/** Where the versioned keys stand. */
export interface KvStanding {
  readonly revision: number;
  readonly compactedRevision: number;
  readonly keys: number;
  /** Of all revisions. */
  readonly bytes: number;
  /** 0: no limit. */
  readonly quotaBytes: number;
  /** A put was refused for the quota, and there is not much more room since. */
  readonly quotaAlarm: boolean;
}

/** What can be asked of a state as it is. Nothing here changes it. */
export abstract class StateQueries {
  protected abstract state: State;

  /** The version that the cluster has agreed on. */
  get clusterVersion(): number {
    return this.state.clusterVersion;
  }

  /** What stands raised, by kind and member. */
  get alarms(): readonly Alarm[] {
    const { alarms, kv } = this.state;
    return kv.quotaAlarm ? [...alarms.all, { kind: AlarmKind.QUOTA, memberId: 0 }] : alarms.all;
  }
  hasAlarm(alarm: Alarm): boolean {
    return this.state.alarms.has(alarm);
  }
  /** Members whose disks are full: while there is one, apply refuses growth. */
  get membersWithoutSpace(): readonly number[] {
    return this.state.alarms.noSpace;
  }

  /** Members disagree about the state: writes are refused. */
  get corrupt(): boolean {
    return this.state.alarms.corrupt;
  }

  /** Lease time: L. */
  get leaseClockMs(): number {
    return this.state.clock.nowMs;
  }
  get leaseSettings(): LeaseSettings {
    return this.state.leaseSettings;
  }
  /** The largest fencing token given so far. */
  get newestToken(): number {
    return this.state.newestToken;
  }
  get counts(): StateCounts {
    const { leases, locks, holders, waiters, delays, sessionResults, resultBytes } = this.state;
    const elections = locks.election.size;
    return {
      leases: leases.size,
      locks: locks.lock.size,
      elections,
      holders,
      waiters,
      delays,
      sessionResults,
      resultBytes,
    };
  }
  /** Whether a lease, a lock-delay or a limited wait exists: whether lease time has to move. */
  get hasTimedWork(): boolean {
    return this.state.deadlines.size > 0;
  }
  /** The earliest deadline in lease time; undefined without timed work. */
  nextDeadlineMs(): number | undefined {
    return this.state.deadlines.earliestMs();
  }
  /** How many leases, lock-delays and waits are due at `upToMs` (at lease time, if that is earlier). */
  dueCount(upToMs: number): number {
    return this.state.deadlines.countDue(Math.min(upToMs, this.leaseClockMs));
  }

  lease(id: string): LeaseTimeToLiveResponse | undefined {
    return describeLease(this.state, id);
  }
  /** Leases with ids larger than `after`, in the order of ids. */
  listLeases(after: string, limit: number): LeaseListResponse {
    return listLeases(this.state, after, limit);
  }
  lock(name: string): LockDescription {
    return describeLock(this.state, name);
  }
  listLocks(prefix: string, after: string, limit: number): LockListResponse {
    return listLocks(this.state, prefix, after, limit);
  }
  /** A lock or an election with the first of its holders and waiters. */
  claims(kind: ClaimKind, name: string, most: number): LockDescription {
    return describeLock(this.state, name, { kind, most });
  }
  leaseSummary(id: string, mostClaims: number): LeaseSummary | undefined {
    return summarizeLease(this.state, id, mostClaims);
  }
  /** All ids of leases, in no order. May be gone through while the state changes. */
  leaseIds(): Iterable<string> {
    return this.state.leases.keys();
  }
  /** All names of locks or elections, in no order. May be gone through while the state changes. */
  claimedNames(kind: ClaimKind): Iterable<string> {
    return this.state.locks[kind].keys();
  }
  /** A claim as it stands; its token is 0 while it is queued. */
  claim(kind: ClaimKind, name: string, lease: string, claim: number): { readonly token: number } | undefined {
    const holder = this.state.leases.get(lease);
    return holder && this.state.locks[kind].get(name)?.find(holder, claim);
  }
  /** `index` is 0. */
  leader(election: string): LeaderResponse {
    return describeLeader(this.state, election);
  }

  /** The newest revision of the versioned keys, the compacted one, how many there are, and what they take with their history. */
  get kv(): KvStanding {
    const { revision, compactedRevision, keys, bytes, quotaBytes, quotaAlarm } = this.state.kv;
    return { revision, compactedRevision, keys, bytes, quotaBytes, quotaAlarm };
  }
  kvRange(request: KvRangeRequest): KvRangeResponse | { readonly error: ErrorMessage } {
    const { kv } = this.state;
    const wrong = checkRange(request) ?? checkRevision(kv, request.revision);
    if (wrong !== undefined) return { error: wrong };
    const where = findRange(kv, request);
    const error = checkReadBytes(where.bytes);
    return error === undefined ? readRange(kv, request, where) : { error };
  }
  /** The changes of a range of keys from a revision on, out of the history; at most about `limit` rows are looked at. */
  kvChangesSince(revision: number, keys: KeyRange, limit: number): ChangesSince {
    return changesSince(this.state.kv, revision, keys, limit);
  }
  /** A change as watchers get it. */
  kvEvent(change: KvChange, withPrevious: boolean): KvEvent {
    return eventOf(this.state.kv, change, withPrevious);
  }
}
