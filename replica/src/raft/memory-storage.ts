import { assert } from './assert.js';
import { countWithin, protobufEntrySize, type EntrySize } from './entry-size.js';
import { RaftError } from './errors.js';
import type { Storage } from './storage.js';
import { emptyBytes, emptySnapshot, EntryType } from './types.js';
import type { ConfState, Entry, HardState, Snapshot } from './types.js';

function marker(index: number, term: number): Entry {
  return { term, index, type: EntryType.Normal, data: emptyBytes };
}

/** A log in memory, for tests, scripts and simulation. */
export class MemoryStorage implements Storage {
  private hardState: HardState = { term: 0, vote: 0, commit: 0 };
  private latest: Snapshot = emptySnapshot();
  /** Never empty: [0] only marks index and term of the last compacted entry. Index grows by one a place. */
  private log: Entry[] = [marker(0, 0)];
  private readonly size: EntrySize;

  constructor(size: EntrySize = protobufEntrySize) {
    this.size = size;
  }

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.hardState, confState: this.latest.metadata.confState };
  }

  setHardState(hardState: HardState): void {
    this.hardState = { ...hardState };
  }

  private get offset(): number {
    return this.log[0]!.index;
  }

  firstIndex(): number {
    return this.offset + 1;
  }

  lastIndex(): number {
    return this.offset + this.log.length - 1;
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    if (lo <= this.offset) throw new RaftError('COMPACTED');
    assert(hi <= this.lastIndex() + 1, 'a read past the end of the log');
    if (this.log.length === 1) throw new RaftError('UNAVAILABLE');
    const from = lo - this.offset;
    const count = countWithin(this.log, from, hi - this.offset, maxBytes, this.size);
    return this.log.slice(from, from + count);
  }

  term(i: number): number {
    if (i < this.offset) throw new RaftError('COMPACTED');
    const entry = this.log[i - this.offset];
    if (entry === undefined) throw new RaftError('UNAVAILABLE');
    return entry.term;
  }

  snapshot(): Snapshot {
    return this.latest;
  }

  /** Adds entries, replacing what is stored from the first of them on. What is already compacted is skipped. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined || first.index + entries.length - 1 < this.firstIndex()) return;
    const skip = Math.max(0, this.firstIndex() - first.index);
    const at = first.index + skip - this.offset;
    assert(at <= this.log.length, 'an append would leave a gap in the log');
    this.log.length = at;
    for (let i = skip; i < entries.length; i++) this.log.push(entries[i]!);
  }

  /** Replaces everything by the snapshot. Throws SNAPSHOT_OUT_OF_DATE for one that is not newer. */
  applySnapshot(snapshot: Snapshot): void {
    const { index, term } = snapshot.metadata;
    const have = this.latest.metadata.index;
    if (have !== 0 && have >= index) throw new RaftError('SNAPSHOT_OUT_OF_DATE');
    this.latest = snapshot;
    this.log = [marker(index, term)];
  }

  /** Notes that `data` is the state at `index`. Without `confState` the last snapshot's stays. */
  createSnapshot(index: number, confState: ConfState | undefined, data: Uint8Array): Snapshot {
    if (index <= this.latest.metadata.index) throw new RaftError('SNAPSHOT_OUT_OF_DATE');
    assert(index <= this.lastIndex(), 'a snapshot past the end of the log');
    const term = this.term(index);
    this.latest = { data, metadata: { confState: confState ?? this.latest.metadata.confState, index, term } };
    return this.latest;
  }

  /** Forgets entries up to and including `index`, which the caller has applied. */
  compact(index: number): void {
    if (index <= this.offset) throw new RaftError('COMPACTED');
    assert(index <= this.lastIndex(), 'a compaction past the end of the log');
    this.log = [marker(index, this.term(index)), ...this.log.slice(index - this.offset + 1)];
  }
}
