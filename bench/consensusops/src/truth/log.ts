/**
 * What was true while a case was recorded, seen past the replicas' pages of metrics: none of it is scraped, and no method is shown it.
 * All times are milliseconds since the case began, by one clock; members are called by their ids.
 */
export interface TruthLog {
  readonly members: readonly number[];
  readonly durationMs: number;
  /** In the order in which the questions were sent. */
  readonly statuses: readonly StatusSample[];
  readonly disks: readonly DiskSample[];
  readonly calls: readonly Call[];
  readonly keepers: readonly Keeper[];
  /** What clients wanted, one entry a second. */
  readonly demand: readonly Demand[];
  /** When leadership was handed over because somebody asked for it. */
  readonly handoversMs: readonly number[];
}

/** A member was asked for its status, which it answers by itself, without a quorum. */
export interface StatusSample {
  readonly member: number;
  readonly sentMs: number;
  /** When the answer was here, or was given up. */
  readonly endedMs: number;
  /** Its process existed when it was asked: one that stands still does. */
  readonly alive: boolean;
  /** Undefined: no answer. */
  readonly status?: Status;
}

export interface Status {
  readonly term: number;
  readonly role: string;
  /** 0: it knows none. */
  readonly leader: number;
  readonly commit: number;
  readonly applied: number;
}

/** What the disk under a member does, as the disk itself says it. */
export interface DiskSample {
  readonly member: number;
  readonly atMs: number;
  /** How much longer every sync takes than on the host's own disk. */
  readonly slowMs: number;
  /** No sync returns. */
  readonly stalled: boolean;
  readonly full: boolean;
}

/** A write by a client that knows one member and nobody else, as behind a load balancer; it asks at its own pace, whatever becomes of earlier calls. */
export interface Call {
  readonly via: number;
  readonly beganMs: number;
  /** How long until it was answered; undefined: it failed, or was given up. */
  readonly tookMs?: number;
}

/** A client that keeps a lease and never stops asking for it. */
export interface Keeper {
  readonly via: number;
  /** When it was told that its lease had ended. */
  readonly lostMs: readonly number[];
}

export interface Demand {
  readonly second: number;
  /** Callers that want something, each at most one thing at a time. */
  readonly clients: number;
  /** What they have in hand to be written at once. */
  readonly bytes: number;
}
