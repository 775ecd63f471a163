/** How often what nobody waits for is done, in milliseconds. Nothing that is promised depends on it. */
export interface HousekeepingPace {
  /** Dirty state is written to its storage. */
  readonly flushMs: number;
  /** The same, synced: what the log may be cut by. */
  readonly syncMs: number;
  /** The log is cut, if enough has gathered. */
  readonly compactMs: number;
}

export const HOUSEKEEPING: HousekeepingPace = { flushMs: 1000, syncMs: 5000, compactMs: 1000 };
