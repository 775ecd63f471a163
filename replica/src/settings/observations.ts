/**
 * What was measured of a cluster over a window, as whole numbers. The worst member or link counts, never a mean over them: a
 * setting binds all. What is missing was not measured, which is not the same as zero.
 */
export interface Observations {
  /** Microseconds: the slowest hundredth of the round trips between two members. */
  readonly roundTripP99Us?: number;
  /** Microseconds: the mean round trip between two members. */
  readonly roundTripMeanUs?: number;
  /** Microseconds: the slowest thousandth of the writes and syncs of the log. */
  readonly fsyncP999Us?: number;
  /** Microseconds: the longest time that a process stood still. */
  readonly pauseMaxUs?: number;
  /** Log entries a second. */
  readonly entriesPerSecond?: number;
  /** What a snapshot of the state holds. */
  readonly stateBytes?: number;
  /** Milliseconds that a member takes to make a received snapshot its state. */
  readonly restoreMs?: number;
}

export type ObservationName = keyof Observations;

/** What each is called in a sentence. */
export const OBSERVATIONS: Readonly<Record<ObservationName, string>> = {
  roundTripP99Us: 'the p99 round trip in µs',
  roundTripMeanUs: 'the mean round trip in µs',
  fsyncP999Us: 'the p99.9 write and sync of the log in µs',
  pauseMaxUs: 'the longest pause of a process in µs',
  entriesPerSecond: 'the log entries a second',
  stateBytes: 'the bytes of the state',
  restoreMs: 'the milliseconds of a restore',
};
