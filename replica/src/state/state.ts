import { Alarms } from './alarms/alarms.js';
import type { ClaimKind, StateEvent } from './applied.js';
import { LeaseClock } from './clock.js';
import { DeadlineQueue } from './deadline/queue.js';
import { EntryRecord } from './hash/entry-record.js';
import { KvStore } from './kv/store.js';
import type { Lease } from './lease/lease.js';
import { DEFAULT_LEASE_SETTINGS, type LeaseSettings } from './lease/settings.js';
import type { StateLimits } from './limits.js';
import { byName, byNumber, ListedMap } from './listed-map.js';
import type { Delay } from './lock/delay.js';
import type { Lock } from './lock/lock.js';
import type { Claim } from './lock/claim.js';
import { Rows } from './rows/rows.js';
import type { StateStorage } from './storage/storage.js';
import { FIRST_VERSION } from './version.js';

/** What can come due, by the rank of its deadline. */
export type Due = Lease | Delay | Claim;

/**
 * Everything that the commands work on. The maps serve look-ups only: nothing that `apply` does may depend on the order
 * in which they list what they hold, because a restarted replica fills them in another order.
 */
export class State {
  readonly record = new EntryRecord();
  readonly rows = new Rows(this.record);
  readonly clock = new LeaseClock();
  readonly deadlines = new DeadlineQueue<Due>();

  readonly leases = new ListedMap<Lease>(byNumber);
  /** Invariant: each has a claim or rests; the free ones leave nothing behind. */
  readonly locks: Readonly<Record<ClaimKind, ListedMap<Lock>>> = {
    lock: new ListedMap(byName),
    election: new ListedMap(byName),
  };

  readonly kv: KvStore;
  readonly alarms = new Alarms(this.rows);
  /** Of the membership: voters and learners, also those on their way in or out. Look-ups only. */
  members: ReadonlySet<number> = new Set();

  /** The version that the cluster has agreed on: what commands mean. Never falls. */
  clusterVersion = FIRST_VERSION;
  leaseSettings: LeaseSettings = DEFAULT_LEASE_SETTINGS;
  /** The largest upTo of any Expire. What is due at it is waiting for its removal and is granted nothing. */
  expiredUpToMs = 0;
  /** The last fencing token given: one counter for all locks and elections. Never falls. */
  newestToken = 0;
  /** The last number given in the order of claims. Never falls. */
  newestClaim = 0;

  holders = 0;
  waiters = 0;
  delays = 0;
  sessionResults = 0;
  /** Of the rows of all sessions' results. */
  resultBytes = 0;

  /** Of the entry being applied: its index, the place of the command in it, what has happened so far, and whether it asks for a scrub. */
  index = 0;
  position = 0;
  events: StateEvent[] = [];
  scrub = false;

  constructor(
    storage: StateStorage,
    readonly limits: StateLimits,
    /** The newest version that this software knows. */
    readonly knownVersion: number,
  ) {
    this.kv = new KvStore(this.rows, storage);
  }
}
