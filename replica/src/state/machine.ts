import type { Applied, CommittedEntry } from './applied.js';
import { assert, NewerStateError } from './assert.js';
import { Chain } from './chain.js';
import { decodeBatch } from './envelope/decode.js';
import { executeBatch } from './envelope/execute.js';
import { hashContents } from './hash/contents.js';
import { loadState } from './load.js';
import { STATE_LIMITS, type StateLimits } from './limits.js';
import { decodeMembership, encodeMembership, idsOf, type Membership } from './membership/membership.js';
import { readMeta, writeMeta } from './meta.js';
import { beginNewCluster, noRoomToJump, RESTORE_JUMP } from './new-cluster.js';
import { StateQueries } from './queries.js';
import { SECTION, singleKey } from './rows/layout.js';
import { Row } from './rows/row.js';
import { State } from './state.js';
import type { StateStorage, StorageWrite } from './storage/storage.js';
import { FIRST_VERSION, STATE_VERSION } from './version.js';
import { rowsAfter, type StateView } from './view.js';
import { WriteBack } from './write-back.js';

/** Of the whole state after one entry. */
export interface ContentHash {
  readonly index: number;
  /** Hex digest. */
  readonly hash: string;
}

/** For tests: what the software fixes. */
export interface MachineOptions {
  readonly version?: number;
  readonly limits?: StateLimits;
}

/**
 * The replicated state machine. Everything is in memory but the values of keys, which are read back from the storage;
 * that gets coalesced writes now and then, and the log replays what it has not got. `apply` uses nothing but the state
 * and the entry.
 */
export class StateMachine extends StateQueries {
  /** The state machine version that this software knows. */
  readonly version: number;

  protected state: State;
  #writes: WriteBack;
  readonly #metaKey = singleKey(SECTION.meta);
  #membershipRow = new Row(singleKey(SECTION.membership), false);
  #membership: Membership | undefined;
  #chain = new Chain();

  private constructor(
    storage: StateStorage,
    { version = STATE_VERSION, limits = STATE_LIMITS }: MachineOptions,
  ) {
    super();
    this.version = version;
    this.#writes = new WriteBack(storage);
    this.state = new State(storage, limits, version);
  }

  /** Loads what the storage holds; an empty storage is an empty state at index 0. */
  static async open(storage: StateStorage, options: MachineOptions = {}): Promise<StateMachine> {
    const machine = new StateMachine(storage, options);
    await machine.#load();
    return machine;
  }

  get appliedIndex(): number {
    return this.#chain.index;
  }
  get appliedTerm(): number {
    return this.#chain.term;
  }
  /** The applied index that the last synced write of this process holds: the log may be compacted up to it. */
  get durableIndex(): number {
    return this.#writes.durableIndex;
  }
  /** Hex digest chained over everything applied up to appliedIndex. */
  get hash(): string {
    return this.#chain.hash;
  }
  get membership(): Membership | undefined {
    return this.#membership;
  }

  /** On an empty state only. Durable when it resolves. */
  async bootstrap(membership: Membership): Promise<void> {
    assert(this.appliedIndex === 0 && this.#membership === undefined, 'only an empty state is bootstrapped');
    this.#chain.begin(this.state, 0, 0);
    this.#setMembership(membership);
    this.#chain.end(this.state, 0, 0);
    await this.#write(true);
  }

  /** Why `beginNewCluster` cannot be; undefined if it can. */
  get obstacleToNewCluster(): string | undefined {
    return noRoomToJump(this.appliedIndex, this.state);
  }

  /**
   * Becomes the first state of another cluster, at an index beyond all that the old one can have reached: see
   * `new-cluster.ts`. The same on everybody who does it to the same state. Durable when it resolves.
   */
  async beginNewCluster(membership: Membership): Promise<void> {
    assert(membership.clusterId !== this.#membership?.clusterId, 'a new cluster has an id of its own');
    const index = this.appliedIndex + RESTORE_JUMP;
    // A cluster that never had a leader is at term 0, at which no entry can be.
    const term = Math.max(this.appliedTerm, 1);
    this.#chain.begin(this.state, term, index);
    beginNewCluster(this.state);
    this.#setMembership(membership);
    this.#chain.end(this.state, term, index);
    await this.#write(true);
  }

  /** `entry.index` must be appliedIndex + 1. Whatever it throws, the process must stop. */
  apply(entry: CommittedEntry): Applied {
    const { term, index, data } = entry;
    this.#chain.check(entry);
    if (data.length === 0) {
      this.#chain.begin(this.state, term, index);
      this.#chain.end(this.state, term, index);
      return { origin: 0, number: 0, stampMs: 0, results: [], events: [], changes: [], scrub: false };
    }
    const batch = decodeBatch(this.state, index, data);
    this.#chain.begin(this.state, term, index);
    const results = executeBatch(this.state, term, batch);
    const { events, kv, scrub } = this.state;
    const { changes } = kv;
    this.#chain.end(this.state, term, index);
    const { origin, number, stampMs } = batch;
    return { origin, number, stampMs, results, events, changes, scrub };
  }

  /** A configuration change entry, interpreted by the driver. */
  applyMembership(entry: { readonly term: number; readonly index: number }, membership: Membership): void {
    this.#chain.check(entry);
    assert(membership.clusterId === this.#membership?.clusterId, 'a cluster keeps its id');
    this.#chain.begin(this.state, entry.term, entry.index);
    this.#setMembership(membership);
    this.#chain.end(this.state, entry.term, entry.index);
  }

  /** Bytes that the next flush will write, roughly. */
  get dirtyBytes(): number {
    return this.state.rows.bytes;
  }

  /**
   * Writes the last value of every key changed since the last flush, without fsync; it is in when the promise resolves.
   * If it fails (a full disk), the next one brings everything.
   */
  flush(): Promise<void> {
    return this.#writes.flushedIndex === this.appliedIndex ? Promise.resolve() : this.#write(false);
  }

  /** The same with fsync: moves durableIndex. */
  sync(): Promise<void> {
    return this.#writes.durableIndex === this.appliedIndex ? Promise.resolve() : this.#write(true);
  }

  /** Everything as it is now, for a snapshot. What is dirty is written first. */
  view(): StateView {
    const { clusterVersion: version, appliedIndex: index, appliedTerm: term } = this;
    // A write is seen by iterations as soon as the call has returned.
    const flushed = this.flush();
    return { version, index, term, rows: rowsAfter(flushed, this.#writes.storage.iterate({})) };
  }

  /**
   * Becomes what another one is, which must not be used afterwards: a later state, loaded from a snapshot. Returns the storage that
   * is no longer used.
   */
  takeOver(later: StateMachine): StateStorage {
    assert(later.appliedIndex > this.appliedIndex, 'a snapshot leads forward');
    assert(later.#membership?.clusterId === this.#membership?.clusterId, 'a cluster keeps its id');
    const retired = this.#writes.storage;
    this.state = later.state;
    this.#writes = later.#writes;
    this.#membershipRow = later.#membershipRow;
    this.#membership = later.#membership;
    this.#chain = later.#chain;
    return retired;
  }

  /** Closes the storage; what is dirty is lost unless it was flushed. */
  close(): Promise<void> {
    return this.#writes.storage.close();
  }

  /**
   * Hash over every key and value at appliedIndex, whatever is applied or flushed while it runs; for scrubbing. `pause` is
   * awaited between pieces of a millisecond or so.
   */
  async contentHash(pause?: () => Promise<void>): Promise<ContentHash> {
    const index = this.appliedIndex;
    const { storage } = this.#writes;
    const unflushed = [...this.#writes.unflushed(this.state), this.#metaWrite()];
    return { index, hash: await hashContents(storage, unflushed, pause) };
  }

  async #load(): Promise<void> {
    const { storage } = this.#writes;
    const [meta, membership] = storage.getMany([this.#metaKey, this.#membershipRow.key]);
    if (meta === undefined) {
      for await (const { key } of storage.iterate({ limit: 1 }))
        assert(false, `the storage holds rows (of section ${key[0]}) but does not say at which index`);
      return;
    }
    this.#chain.loaded(readMeta(this.state, meta));
    const { clusterVersion } = this.state;
    assert(clusterVersion >= FIRST_VERSION, `the state is of state machine version ${clusterVersion}`);
    if (clusterVersion > this.version) throw new NewerStateError(clusterVersion, this.version);
    this.#writes.loaded(this.appliedIndex);
    if (membership !== undefined) {
      this.#membership = decodeMembership(membership);
      this.state.members = idsOf(this.#membership);
      this.#membershipRow = new Row(this.#membershipRow.key, true);
    }
    await loadState(this.state, storage);
  }

  #setMembership(membership: Membership): void {
    const encoded = encodeMembership(membership);
    this.state.rows.put(this.#membershipRow, encoded);
    this.#membership = decodeMembership(encoded);
    this.state.members = idsOf(this.#membership);
    this.state.alarms.keepThoseOf(this.state.members);
  }

  #metaWrite(): StorageWrite {
    return { key: this.#metaKey, value: writeMeta(this.state, this.#chain.standing) };
  }

  async #write(sync: boolean): Promise<void> {
    this.#chain.checkWhole();
    await this.#writes.write(this.state, this.appliedIndex, this.#metaWrite(), sync);
  }
}
