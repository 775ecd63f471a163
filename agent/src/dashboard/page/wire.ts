/**
 * What goes from the dashboard's server to its page: both compile against this file. Times are milliseconds since 1970; numbers that are
 * not known are null.
 */

/** The event `live`, twice a second while somebody looks. */
export interface Live {
  readonly at: number;
  /** Null: the supervisor has not said yet which one it is. */
  readonly cluster: ClusterFacts | null;
  /** Why the supervisor does not answer; null: it does. */
  readonly supervisor: string | null;
  readonly replicas: readonly ReplicaLive[];
}

export interface ClusterFacts {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly profile: string;
}

export type Role = 'leader' | 'follower' | 'leaderless' | 'silent';

export interface ReplicaLive {
  readonly name: string;
  readonly role: Role;
  /** Why it is silent. */
  readonly missing: string | null;
  /** When it answered last; null: not since somebody looks. */
  readonly answeredAt: number | null;
  readonly term: number | null;
  readonly committed: number | null;
  readonly applied: number | null;
  /** Entries that it has not on its disk, as the leader says. */
  readonly lag: number | null;
  readonly commitsPerSecond: number | null;
  readonly operationsPerSecond: number | null;
  /** Of the last seconds. */
  readonly fsyncMeanSeconds: number | null;
  readonly fsyncP99Seconds: number | null;
  readonly leases: number | null;
  readonly waiters: number | null;
  readonly watches: number | null;
  readonly streams: number | null;
  readonly diskFull: boolean;
  readonly alarms: number | null;
  /** To each of the others. */
  readonly links: readonly LinkLive[];
}

/** One direction, as the replica at its beginning sees it. */
export interface LinkLive {
  readonly to: string;
  /** The median of the last seconds. */
  readonly roundTripSeconds: number | null;
  /** Probes without an answer, of those that were due; between 0 and 1. */
  readonly loss: number | null;
  readonly clockOffsetSeconds: number | null;
}

/** The event `incidents`: the newest, when they have changed. */
export interface Incidents {
  readonly incidents: readonly IncidentLine[];
  /** There are older ones that are not listed. */
  readonly more: boolean;
}

export interface IncidentLine {
  readonly id: string;
  readonly classes: readonly string[];
  readonly onset: number;
  readonly openedAt: number;
  /** Null: it is open. */
  readonly endedAt: number | null;
  readonly lastSeen: number;
  /** The most likely one, in words; null: not yet known. */
  readonly cause: string | null;
  /** Where its proposal is; null: it has none. */
  readonly phase: string | null;
  /** Whether the agent has done what it can. */
  readonly worked: boolean;
}

/** `/api/incident?id=` */
export interface IncidentDetail extends IncidentLine {
  /** Null: the evidence is of an agent that did not keep them. */
  readonly signals: readonly SignalSeen[] | null;
  readonly causes: readonly CauseSeen[];
  /** What came of the first cause; null: not kept. */
  readonly path: readonly EffectSeen[] | null;
  /** What the first cause rests on, in words. */
  readonly evidence: readonly string[];
  /** What people have to do. */
  readonly advice: string | null;
  readonly proposal: ProposalSeen | null;
  readonly way: readonly WayStep[];
  readonly postmortem: string | null;
}

export interface SignalSeen {
  readonly class: string;
  /** In words. */
  readonly text: string;
  readonly at: string;
  readonly feature: string;
  readonly unit: string;
  readonly onset: number;
  readonly last: number;
  readonly worst: number | null;
  readonly bound: number | null;
}

export interface CauseSeen {
  readonly fault: string;
  readonly text: string;
  readonly at: string;
  readonly sharePermille: number;
}

export interface EffectSeen {
  readonly effect: string;
  readonly at: string;
}

export interface ProposalSeen {
  readonly family: string;
  readonly changes: readonly SettingChange[];
  readonly effect: string;
  readonly risk: string;
  readonly phase: string;
  readonly reason: string;
  readonly verification: VerificationSeen | null;
  readonly branch: string | null;
  readonly validUntil: number | null;
}

export interface SettingChange {
  readonly setting: string;
  /** Null: not known any more. */
  readonly from: number | null;
  readonly to: number;
}

/** Numbers are in the unit. */
export interface VerificationSeen {
  readonly result: string;
  /** Why there is no verdict. */
  readonly why: string | null;
  readonly signal: string;
  readonly unit: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  readonly harmed: string | null;
  /** Before and after with the same seed; null: not kept. */
  readonly pairs: readonly (readonly [number, number])[] | null;
}

/** A station on the way from a signal to a merge. */
export interface WayStep {
  readonly name: string;
  /** What came of it; null: it has not been reached. */
  readonly text: string | null;
  readonly at: number | null;
  readonly state: 'done' | 'waits' | 'ahead' | 'stopped';
}

/** What `/api/leases`, `/api/locks` and `/api/elections` list. */
export type HoldingsKind = 'leases' | 'locks' | 'elections';

/** One page of them, as one replica has applied it; names are as clients chose them. */
export interface Holdings {
  readonly replica: string;
  readonly appliedIndex: number;
  readonly total: number;
  /** The cursor of the next page; null: there is none. */
  readonly next: string | null;
  readonly leases: readonly LeaseHeld[];
  readonly locks: readonly LockHeld[];
}

export interface LeaseHeld {
  readonly lease: string;
  readonly ttlMs: number;
  readonly remainingMs: number;
  readonly claimCount: number;
  readonly keyCount: number;
  readonly claims: readonly { readonly kind: string; readonly name: string; readonly token: number }[];
}

/** A lock or an election. */
export interface LockHeld {
  readonly name: string;
  readonly holderCount: number;
  readonly waiterCount: number;
  readonly holders: readonly { readonly lease: string; readonly token: number }[];
  readonly waiters: readonly { readonly lease: string }[];
}

/** What a request is refused with. */
export interface Refused {
  readonly error: string;
}
