import assert from 'node:assert/strict';
import type { Entry, HardState } from '../raft/types.js';
import { EntryIndex, type BatchPlace } from './entry-index.js';
import { RecentEntries } from './recent-entries.js';
import type { ConfStateMarker, LogPosition, LogRecord } from './record.js';

/** A batch says what cannot be, given the batches before it: a defect, or a batch that is missing. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
}

/**
 * What the durable batches add up to. Replay and a live append change it by the same calls, a batch at a time, after
 * the batch is on disk.
 */
export class LogContents {
  readonly index = new EntryIndex();
  readonly recent: RecentEntries;
  hardState: Readonly<HardState> = { term: 0, vote: 0, commit: 0 };
  /** The last entry that is no longer in the log. Invariant: truncation.index <= index.last. */
  truncation: LogPosition = { index: 0, term: 0 };
  confState: ConfStateMarker | undefined;
  stateFolder: string | undefined;

  constructor(recentBytesMax: number) {
    this.recent = new RecentEntries(recentBytesMax);
  }

  get last(): LogPosition {
    const { last } = this.index;
    const term = last === this.truncation.index ? this.truncation.term : this.index.term(last);
    return { index: last, term };
  }

  apply(records: readonly LogRecord[], place: BatchPlace): void {
    for (const record of records) this.#applyOne(record, place);
    assert(this.truncation.index <= this.index.last, 'the truncation point lies within the log');
  }

  /** The state that a new segment repeats, so that the earlier ones can be dropped. */
  checkpoint(): LogRecord[] {
    const records: LogRecord[] = [
      { kind: 'checkpoint', last: this.last, truncation: this.truncation },
      { kind: 'hardState', hardState: this.hardState },
    ];
    if (this.confState) records.push({ kind: 'confState', ...this.confState });
    if (this.stateFolder !== undefined) records.push({ kind: 'stateFolder', name: this.stateFolder });
    return records;
  }

  /**
   * Begins a replay whose earlier segments were dropped. Entries up to the checkpoint's last are then unknown, which
   * is right only if what follows truncates or replaces them: see `isComplete`.
   */
  beginAt(records: readonly LogRecord[]): boolean {
    const checkpoint = records[0];
    if (checkpoint?.kind !== 'checkpoint') return false;
    this.truncation = checkpoint.truncation;
    this.index.restart(checkpoint.last.index);
    return true;
  }

  /** Whether every entry after the truncation point is in a segment that was replayed. */
  get isComplete(): boolean {
    return this.index.first <= this.truncation.index + 1;
  }

  #applyOne(record: LogRecord, place: BatchPlace): void {
    switch (record.kind) {
      case 'entries':
        this.#append(record.entries, place);
        return;
      case 'hardState':
        this.hardState = { ...record.hardState };
        return;
      case 'snapshot':
        this.index.restart(record.index);
        this.recent.clear();
        this.truncation = { index: record.index, term: record.term };
        this.confState = { index: record.index, confState: record.confState };
        return;
      case 'truncation':
        if (record.index > this.index.last)
          throw new Contradiction('it truncates what the log does not hold');
        this.index.dropThrough(record.index);
        this.recent.dropThrough(record.index);
        this.truncation = { index: record.index, term: record.term };
        return;
      case 'confState':
        this.confState = { index: record.index, confState: record.confState };
        return;
      case 'stateFolder':
        this.stateFolder = record.name;
        return;
      case 'checkpoint':
        if (record.last.index !== this.index.last || record.truncation.index !== this.truncation.index) {
          throw new Contradiction('it begins with another log than the segments before it make');
        }
        return;
      case 'seal':
        return;
    }
  }

  #append(entries: readonly Entry[], place: BatchPlace): void {
    const first = entries[0]!.index;
    if (first > this.index.last + 1) throw new Contradiction('its entries leave a gap');
    if (first <= this.truncation.index) throw new Contradiction('its entries replace truncated ones');
    this.index.append(entries, place);
    this.recent.append(entries);
  }
}
