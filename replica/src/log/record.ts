import type { ConfState, Entry, HardState } from '../raft/types.js';

/** What a batch holds, in the order in which it takes effect. */
export type LogRecord =
  | EntriesRecord
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  | ({ readonly kind: 'snapshot' } & SnapshotMarker)
  | ({ readonly kind: 'truncation' } & LogPosition)
  | ({ readonly kind: 'confState' } & ConfStateMarker)
  | { readonly kind: 'stateFolder'; readonly name: string }
  | CheckpointRecord
  | { readonly kind: 'seal'; readonly nextSegmentId: number };

export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** A snapshot takes the log's place: every entry, before and after, is dropped, and the log goes on after `index`. */
export interface SnapshotMarker extends LogPosition {
  readonly confState: ConfState;
}

/** The membership as of an applied index. */
export interface ConfStateMarker {
  readonly index: number;
  readonly confState: ConfState;
}

/** Consecutive entries. They replace whatever the log held from the first one's index on. */
export interface EntriesRecord {
  readonly kind: 'entries';
  /** Invariant: not empty; each index is the one before plus one. */
  readonly entries: readonly Entry[];
}

/**
 * Begins every segment, so that earlier ones can be dropped: the log as it was before this batch. The hard state,
 * membership and state folder follow as records of their own.
 */
export interface CheckpointRecord {
  readonly kind: 'checkpoint';
  readonly last: LogPosition;
  readonly truncation: LogPosition;
}
