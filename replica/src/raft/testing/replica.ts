import {
  confChangeOf,
  emptySnapshot,
  MemoryStorage,
  MessageType,
  protobufEntrySize,
  RawNode,
} from '../index.js';
import type { Config, ConfState, Entry, Message, Ready, ReadState, Snapshot, Storage } from '../index.js';

export type ReplicaConfig = Partial<Omit<Config, 'id' | 'storage' | 'applied'>>;

/** Where a crash hits the handling of a Ready. */
export const CrashPoint = { BeforeWrite: 0, AfterWrite: 1, AfterSend: 2 } as const;
export type CrashPoint = (typeof CrashPoint)[keyof typeof CrashPoint];

/** A state machine that only remembers what it was told: index and a digest of all entries so far. */
export interface MachineState {
  index: number;
  digest: number;
  confState: ConfState;
}

/** Called with everything that a replica does that others could contradict. */
export interface Observer {
  onWrite?: (replica: Replica, entries: readonly Entry[]) => void;
  onApply?: (replica: Replica, entry: Entry, state: MachineState) => void;
  onInstall?: (replica: Replica, state: MachineState) => void;
  onRead?: (replica: Replica, read: ReadState) => void;
}

function digestOf(digest: number, entry: Entry): number {
  let next = Math.imul(digest, 31) + entry.index + entry.term * 1009 + entry.type;
  for (const byte of entry.data) next = Math.imul(next, 31) + byte;
  return next >>> 0;
}

/** A core with a disk and a state machine that survive crashes, for tests. It sends into `outbox`. */
export class Replica {
  readonly id: number;
  readonly disk = new MemoryStorage();
  readonly outbox: Message[];
  state: MachineState;
  appendWork: Message[] = [];
  applyWork: Message[] = [];
  private readonly config: ReplicaConfig;
  private readonly observer: Observer;
  private node: RawNode;

  constructor(id: number, first: Snapshot, config: ReplicaConfig, outbox: Message[], observer: Observer) {
    this.id = id;
    this.config = config;
    this.outbox = outbox;
    this.observer = observer;
    if (first.metadata.index > 0) this.disk.applySnapshot(first);
    this.state = { index: first.metadata.index, digest: 0, confState: first.metadata.confState };
    this.node = this.start();
  }

  get raft(): RawNode {
    return this.node;
  }

  get async(): boolean {
    return this.config.asyncStorageWrites === true;
  }

  private start(): RawNode {
    const { disk } = this;
    const { index, confState } = this.state;
    const { term, vote, commit } = disk.initialState().hardState;
    const storage: Storage = {
      initialState: () => ({ hardState: { term, vote, commit: Math.max(commit, index) }, confState }),
      entries: (lo, hi, maxBytes) => disk.entries(lo, hi, maxBytes),
      term: (i) => disk.term(i),
      firstIndex: () => disk.firstIndex(),
      lastIndex: () => disk.lastIndex(),
      snapshot: () => this.snapshot(),
    };
    return new RawNode({
      electionTick: 10,
      heartbeatTick: 1,
      maxSizePerMsg: 1000,
      maxInflightMsgs: 4,
      entrySize: protobufEntrySize,
      randomInt: () => 0,
      ...this.config,
      id: this.id,
      storage,
      applied: index,
    });
  }

  crash(): void {
    this.appendWork = [];
    this.applyWork = [];
    this.node = this.start();
  }

  private snapshot(): Snapshot {
    const { index, digest, confState } = this.state;
    if (index === 0) return emptySnapshot();
    const data = Uint8Array.from([24, 16, 8, 0], (shift) => (digest >>> shift) & 255);
    return { data, metadata: { index, term: this.disk.term(index), confState } };
  }

  /** Forgets the log up to what is applied. */
  compact(): void {
    const { index } = this.state;
    if (index >= this.disk.firstIndex()) this.disk.compact(index);
  }

  /** Does a Ready's work, or a part of it and then crashes. */
  handleReady(crashAt?: CrashPoint): void {
    const rd = this.node.ready();
    for (const read of rd.readStates) this.observer.onRead?.(this, read);
    if (this.async) {
      this.queue(rd);
      return;
    }
    if (crashAt === CrashPoint.BeforeWrite) return this.crash();
    this.write(rd.hardState, rd.snapshot, rd.entries);
    if (crashAt === CrashPoint.AfterWrite) return this.crash();
    this.outbox.push(...rd.messages);
    if (crashAt === CrashPoint.AfterSend) return this.crash();
    this.apply(rd.committedEntries);
    this.node.advance();
  }

  private queue(rd: Ready): void {
    for (const m of rd.messages) {
      if (m.type === MessageType.MsgStorageAppend) this.appendWork.push(m);
      else if (m.type === MessageType.MsgStorageApply) this.applyWork.push(m);
      else this.outbox.push(m);
    }
  }

  /** Async only: the next order of the append thread. Answers to itself are stepped at once, others are sent. */
  appendOnce(): void {
    const m = this.appendWork.shift();
    if (m === undefined) return;
    const { term, vote, commit } = m;
    this.write(term + vote + commit === 0 ? undefined : { term, vote, commit }, m.snapshot, m.entries);
    this.respond(m);
  }

  applyOnce(): void {
    const m = this.applyWork.shift();
    if (m === undefined) return;
    this.apply(m.entries);
    this.respond(m);
  }

  private respond(m: Message): void {
    for (const response of m.responses) {
      if (response.to === this.id) this.node.step(response);
      else this.outbox.push(response);
    }
  }

  private write(hardState: Ready['hardState'], snapshot: Ready['snapshot'], entries: readonly Entry[]): void {
    if (hardState !== undefined) this.disk.setHardState(hardState);
    if (snapshot !== undefined) {
      this.disk.applySnapshot(snapshot);
      const { index, confState } = snapshot.metadata;
      const digest = snapshot.data.reduce((value, byte) => value * 256 + byte, 0);
      this.state = { index, digest, confState };
      this.observer.onInstall?.(this, this.state);
    }
    this.disk.append(entries);
    this.observer.onWrite?.(this, entries);
  }

  private apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      // With async storage writes a snapshot may overtake entries that already wait to be applied. They are dropped: the
      // core has taken over the snapshot's configuration, and an older membership change would spoil it.
      if (entry.index < this.node.basicStatus().firstIndex) continue;
      const change = confChangeOf(entry);
      const confState = change === undefined ? this.state.confState : this.node.applyConfChange(change);
      this.state = { index: entry.index, digest: digestOf(this.state.digest, entry), confState };
      this.observer.onApply?.(this, entry, this.state);
    }
  }

  /** Whether anything is left to do without new messages or time. */
  busy(): boolean {
    return this.node.hasReady() || this.appendWork.length > 0 || this.applyWork.length > 0;
  }

  /** All that there is to do. */
  work(): void {
    while (this.busy()) {
      if (this.node.hasReady()) this.handleReady();
      this.appendOnce();
      this.applyOnce();
    }
  }
}
