import { assert } from './assert.js';
import type { Logger } from './logger.js';
import type { Entry, Snapshot } from './types.js';

/** Answer of `term` when the index is not here. No entry has a negative term. */
export const NOT_HERE = -1;

/**
 * The end of the log that storage is not known to hold yet: what no Ready carried so far, and what a Ready carried but
 * whose write was not confirmed. It may overlap storage; where it does, it is right and storage is about to follow.
 */
export class Unstable {
  /** Received, not known to be in storage. Its index + 1 is then the log's first index. */
  snapshot: Snapshot | undefined = undefined;
  snapshotInProgress = false;
  /** entries[i] has index offset + i. */
  entries: Entry[] = [];
  offset: number;
  /** Entries below it were handed out for writing. Invariant: offset <= offsetInProgress <= offset + entries.length. */
  offsetInProgress: number;
  private readonly logger: Logger;

  constructor(offset: number, logger: Logger) {
    this.offset = offset;
    this.offsetInProgress = offset;
    this.logger = logger;
  }

  /** Index of the last entry or of the snapshot; NOT_HERE when there is neither. */
  lastIndex(): number {
    if (this.entries.length > 0) return this.offset + this.entries.length - 1;
    return this.snapshot === undefined ? NOT_HERE : this.snapshot.metadata.index;
  }

  term(index: number): number {
    if (index < this.offset) {
      const metadata = this.snapshot?.metadata;
      return metadata !== undefined && metadata.index === index ? metadata.term : NOT_HERE;
    }
    const entry = this.entries[index - this.offset];
    return entry === undefined ? NOT_HERE : entry.term;
  }

  hasNextEntries(): boolean {
    return this.offsetInProgress < this.offset + this.entries.length;
  }

  /** Entries that nobody writes yet. */
  nextEntries(): Entry[] {
    return this.entries.slice(this.offsetInProgress - this.offset);
  }

  /** The snapshot if nobody writes it yet. */
  nextSnapshot(): Snapshot | undefined {
    return this.snapshotInProgress ? undefined : this.snapshot;
  }

  /** Everything here was handed out for writing. */
  acceptInProgress(): void {
    this.offsetInProgress = this.offset + this.entries.length;
    if (this.snapshot !== undefined) this.snapshotInProgress = true;
  }

  /**
   * Storage holds everything up to (index, term), and no write that is under way will change it again. Ignored when
   * that entry was replaced in the meantime.
   */
  stableTo(index: number, term: number): void {
    const here = this.term(index);
    if (here === NOT_HERE) {
      this.logger.debug?.(`entry ${index} was stored but is no longer unstable`);
      return;
    }
    if (index < this.offset) {
      this.logger.debug?.(`entry ${index} was stored but the unstable snapshot stands in its place`);
      return;
    }
    if (here !== term) {
      this.logger.debug?.(`entry ${index} was stored with term ${term} but replaced by one of term ${here}`);
      return;
    }
    const next = index + 1;
    this.entries = next === this.offset + this.entries.length ? [] : this.entries.slice(next - this.offset);
    this.offset = next;
    this.offsetInProgress = Math.max(this.offsetInProgress, next);
  }

  stableSnapshotTo(index: number): void {
    if (this.snapshot?.metadata.index !== index) return;
    this.snapshot = undefined;
    this.snapshotInProgress = false;
  }

  /** The log becomes this snapshot and nothing else. */
  restore(snapshot: Snapshot): void {
    this.offset = snapshot.metadata.index + 1;
    this.offsetInProgress = this.offset;
    this.entries = [];
    this.snapshot = snapshot;
    this.snapshotInProgress = false;
  }

  /** Adds `entries[from..]`; what stood at or after the first of them is dropped. */
  truncateAndAppend(entries: readonly Entry[], from: number): void {
    const first = entries[from]!.index;
    const end = this.offset + this.entries.length;
    if (first > this.offset) {
      assert(first <= end, 'an append would leave a gap in the unstable log');
      if (first < end) {
        this.logger.debug?.(`unstable entries from ${first} on are replaced`);
        this.entries.length = first - this.offset;
        this.offsetInProgress = Math.min(this.offsetInProgress, first);
      }
    } else if (first < end) {
      this.logger.debug?.(`all unstable entries are replaced from ${first} on`);
      this.entries = [];
      this.offset = first;
      this.offsetInProgress = first;
    }
    for (let i = from; i < entries.length; i++) this.entries.push(entries[i]!);
  }

  /** Entries lo..hi-1, all of which must be here. A copy of the references: later truncation does not reach it. */
  slice(lo: number, hi: number): Entry[] {
    assert(
      this.offset <= lo && lo <= hi && hi <= this.offset + this.entries.length,
      'slice outside unstable',
    );
    return this.entries.slice(lo - this.offset, hi - this.offset);
  }
}
