/** What can come due. The numbers are the order among those due at the same moment. */
export const RANK = { lease: 0, delay: 1, wait: 2 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

/** A moment of lease time at which something is due. Scheduled in at most one DeadlineQueue. */
export class Deadline<Subject> {
  /** Invariant: never falls while it is scheduled. May be raised freely: the queue notices when it gets there. */
  atMs: number;

  /** The queue's own. Invariant: keyMs ≤ atMs; the two differ when atMs was raised since. */
  keyMs = 0;
  /** The queue's own: the bucket that it waits in and its place there. -1: in no bucket. */
  bucket = -1;
  place = -1;
  /** The queue's own. */
  scheduled = false;

  constructor(
    atMs: number,
    readonly rank: Rank,
    /** With rank, tells apart those due at the same moment: a lease's id, or the number of a claim. */
    readonly idHigh: number,
    readonly idLow: number,
    readonly subject: Subject,
  ) {
    this.atMs = atMs;
  }
}

/** The order in which things expire: by moment, then rank, then id. Total, so that no history shows in it. */
export function isEarlier(a: Deadline<unknown>, b: Deadline<unknown>): boolean {
  if (a.keyMs !== b.keyMs) return a.keyMs < b.keyMs;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.idHigh !== b.idHigh) return a.idHigh < b.idHigh;
  return a.idLow < b.idLow;
}
