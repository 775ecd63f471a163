import type { Stretch } from './recovery.js';

/** What opening the log found and did, for the replica's own log. */
export interface OpenReport {
  /** There was no log; one was made. */
  readonly fresh: boolean;
  readonly segments: number;
  /** Number of the last batch, counted over the log's whole life. */
  readonly batches: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** A batch that was being written when the process or the machine stopped: never acknowledged, now cut. */
  readonly tornTail: Stretch | undefined;
  /** Unfinished files of an earlier run, now removed. */
  readonly removedFiles: readonly string[];
}
