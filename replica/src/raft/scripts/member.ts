import { confChangeOf, emptyBytes, MemoryStorage, RawNode } from '../index.js';
import type { Config, ConfState, Entry, HardState, Logger, Message, Snapshot, Storage } from '../index.js';
import { CommandFailure } from './script-error.js';

export type MemberConfig = Omit<Config, 'id' | 'storage' | 'logger' | 'applied'>;

/**
 * One member of a script's cluster: its core, its disk, the work queued for its storage threads, and a state machine
 * that appends every payload to a string of bytes and keeps each of its states as a snapshot.
 */
export class Member {
  readonly id: number;
  readonly config: MemberConfig;
  readonly disk = new MemoryStorage();
  /** Never empty; the last one is sent to who needs a snapshot. As in etcd's runner, received ones are not added. */
  readonly history: Snapshot[];
  /** What the state machine holds; it survives a crash like the disk does. */
  private applied: { index: number; confState: ConfState };
  appendWork: Message[] = [];
  applyWork: Message[] = [];
  private readonly logger: Logger;
  private node: RawNode;

  /** An empty member, or with a `first` snapshot of index above 0 one that starts from that. */
  constructor(id: number, config: MemberConfig, first: Snapshot, logger: Logger) {
    this.id = id;
    this.config = config;
    this.logger = logger;
    this.history = [first];
    this.applied = first.metadata;
    if (first.metadata.index > 0) this.disk.applySnapshot(first);
    this.node = this.start();
  }

  get raft(): RawNode {
    return this.node;
  }

  get present(): Snapshot {
    return this.history.at(-1)!;
  }

  /** A crash and a new start: whatever was not written yet is gone. */
  restart(): void {
    this.appendWork = [];
    this.applyWork = [];
    this.node = this.start();
  }

  private start(): RawNode {
    const { disk } = this;
    const { confState, index } = this.applied;
    const { term, vote, commit } = disk.initialState().hardState;
    // What was applied was committed, even if the newer commit index was not written any more.
    const hardState: HardState = { term, vote, commit: Math.max(commit, index) };
    const storage: Storage = {
      initialState: () => ({ hardState, confState }),
      entries: (lo, hi, maxBytes) => disk.entries(lo, hi, maxBytes),
      term: (i) => disk.term(i),
      firstIndex: () => disk.firstIndex(),
      lastIndex: () => disk.lastIndex(),
      // Always the newest state, however far the log is compacted.
      snapshot: () => this.present,
    };
    return new RawNode({ ...this.config, id: this.id, storage, logger: this.logger, applied: index });
  }

  /** Writes to the disk in the order that the core demands. */
  append(hardState: HardState | undefined, entries: readonly Entry[], snapshot: Snapshot | undefined): void {
    if (hardState !== undefined) this.disk.setHardState(hardState);
    if (snapshot !== undefined && entries.length > 0) {
      throw new CommandFailure("can't apply snapshot and entries at the same time");
    }
    if (snapshot === undefined) {
      this.disk.append(entries);
    } else {
      this.disk.applySnapshot(snapshot);
      this.applied = snapshot.metadata;
    }
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const change = confChangeOf(entry);
      const update = change === undefined ? entry.data : (change.context ?? emptyBytes);
      const before = this.present;
      const confState: ConfState =
        change === undefined ? before.metadata.confState : this.node.applyConfChange(change);
      this.applied = {
        index: entry.index,
        confState: change === undefined ? this.applied.confState : confState,
      };
      const data = new Uint8Array([...before.data, ...update]);
      this.history.push({ data, metadata: { confState, index: entry.index, term: entry.term } });
    }
  }
}
