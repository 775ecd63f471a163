import assert from 'node:assert/strict';
import type { Entry, HardState } from '../raft/types.js';
import type { LogContents } from './log-contents.js';
import type { ConfStateMarker, LogRecord, SnapshotMarker } from './record.js';

/**
 * What one write makes durable together, often gathered from several Readys. It takes effect in this order:
 * `snapshot`, `entries`, `hardState`, `confState`, `stateFolder`.
 */
export interface LogBatch {
  /**
   * Consecutive runs; an index at or below the last one replaces the log from there on. They are kept by reference,
   * and with them the whole buffer of which their data may be a view.
   */
  readonly entries: readonly Entry[];
  /** The newest of the gathered ones. */
  readonly hardState?: HardState;
  /** An installed snapshot: the log drops all its entries and goes on after it, first with `entries`. */
  readonly snapshot?: SnapshotMarker;
  /** The membership as of an applied index, remembered until the next one. */
  readonly confState?: ConfStateMarker;
  /** The folder that holds the state from now on, a relative name of at most 255 bytes. */
  readonly stateFolder?: string;
}

export const STATE_FOLDER_BYTES_MAX = 255;

export function recordsOf(batch: LogBatch): LogRecord[] {
  const records: LogRecord[] = [];
  if (batch.snapshot) records.push({ kind: 'snapshot', ...batch.snapshot });
  for (const entries of consecutiveRuns(batch.entries)) records.push({ kind: 'entries', entries });
  if (batch.hardState) records.push({ kind: 'hardState', hardState: batch.hardState });
  if (batch.confState) records.push({ kind: 'confState', ...batch.confState });
  if (batch.stateFolder !== undefined) records.push({ kind: 'stateFolder', name: batch.stateFolder });
  return records;
}

/** Splits where a later Ready's entries go back over an earlier one's. */
function consecutiveRuns(entries: readonly Entry[]): (readonly Entry[])[] {
  const runs: (readonly Entry[])[] = [];
  let start = 0;
  for (let i = 1; i <= entries.length; i++) {
    if (i < entries.length && entries[i]!.index === entries[i - 1]!.index + 1) continue;
    runs.push(start === 0 && i === entries.length ? entries : entries.slice(start, i));
    start = i;
  }
  return runs;
}

/** A batch that breaks these would make the log, or the vote in it, go back: the caller is wrong, not the disk. */
export function assertFollows(batch: LogBatch, contents: LogContents): void {
  const { snapshot, entries, hardState, stateFolder } = batch;
  const before = contents.hardState;
  let truncated = contents.truncation.index;
  let last = contents.index.last;
  if (snapshot) {
    assert(snapshot.index > truncated, 'a snapshot moves the truncation point on');
    truncated = snapshot.index;
    last = snapshot.index;
  }
  for (const { index } of entries) {
    assert(index > truncated && index <= last + 1, 'entries follow the log without a gap');
    last = index;
  }
  if (hardState) {
    const { term, vote, commit } = hardState;
    assert(term >= before.term, 'the term never falls');
    assert(term > before.term || before.vote === 0 || vote === before.vote, 'one vote a term');
    assert(commit >= before.commit && commit <= last, 'commit never falls and stays within the log');
  }
  if (stateFolder !== undefined) {
    assert(
      Buffer.byteLength(stateFolder) <= STATE_FOLDER_BYTES_MAX,
      'a state folder is a short relative name',
    );
  }
}
