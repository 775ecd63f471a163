import type { ConfState, Entry, HardState, Snapshot } from './types.js';

/**
 * The core's view of what is stored. Reads are synchronous; what they return is not changed afterwards by either side.
 * Operating errors are thrown as RaftError; anything else that is thrown ends the replica.
 */
export interface Storage {
  /** Read once, by the constructor. Commit must not exceed lastIndex, nor be below firstIndex - 1 unless all is 0. */
  initialState(): { hardState: HardState; confState: ConfState };
  /**
   * Entries lo..hi-1 in order: as many as fit `maxBytes` by the configured entry size, but at least one. The array
   * belongs to the caller. Throws COMPACTED when lo is gone, UNAVAILABLE when something in the range is not there.
   */
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  /** Term of entry i, firstIndex - 1 included. Throws COMPACTED or UNAVAILABLE outside. */
  term(i: number): number;
  lastIndex(): number;
  /** Index of the first entry that `entries` can return; all before it is in the snapshot. */
  firstIndex(): number;
  /** The newest snapshot. Throws SNAPSHOT_TEMPORARILY_UNAVAILABLE when it has to be made first. */
  snapshot(): Snapshot;
}
