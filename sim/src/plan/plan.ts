import type { Trace } from '@aegis/client/chaos';
import type { DiskPace, HousekeepingPace, LinkQuality } from '@aegis/replica/sim';
import type { ConsensusSettings } from '@aegis/replica/settings';

/** A world as data: what is simulated, under which load, in which surroundings, and what goes wrong. */
export interface WorldPlan {
  /** Everything that is drawn while the world runs comes from it. */
  readonly seed: number;
  readonly replicas: number;
  /** Of simulated time, faults included; what follows until all agree again comes on top. */
  readonly durationMs: number;
  /** Faults end after so many steps, if that is sooner. */
  readonly steps?: number;
  readonly settings: Partial<ConsensusSettings>;
  readonly workload: Workload;
  readonly environment: Surroundings;
  readonly faults: readonly FaultPlan[];
  /** What goes wrong at which moment, instead of at random ones: a trace of `aegis chaos`. */
  readonly chaos?: Trace;
  /** How often the replicas' pages of metrics are recorded, in simulated milliseconds. Default: never. */
  readonly scrapeMs?: number;
  /** Whether frames go through the real encoding; several times slower. */
  readonly encodes: boolean;
  /** How the membership changes, where faults change it. Default: see `MEMBERSHIP`. */
  readonly membership?: MembershipPlan;
  /** Whether at the end the faults stop for a majority only, which must go on alone. */
  readonly liveness: boolean;
}

/** Who sees to it that every machine is a voter, and how many there may be. */
export interface MembershipPlan {
  /** Machines to which `shrink` and `grow` go; `replace` may have one more for a while. */
  readonly replicasMin: number;
  readonly replicasMax: number;
  /** That work side by side, without knowing of each other. */
  readonly supervisors: number;
  /** How often each looks, on average. */
  readonly lookMs: number;
}

export const MEMBERSHIP: MembershipPlan = { replicasMin: 3, replicasMax: 7, supervisors: 1, lookMs: 1000 };

export interface Workload {
  readonly clients: number;
  /** Of all clients together. */
  readonly operationsPerSecond: number;
  /** Each client at a pace of its own, as those of `aegis chaos`. Otherwise at random moments. */
  readonly paced?: boolean;
  /** Of the clients' sessions. */
  readonly ttlMs: number;
  readonly registers: number;
  readonly locks: number;
  /** How many replicas a client can reach; 0: all. */
  readonly nearby: number;
  /** How long locks are held, on average, in milliseconds. */
  readonly holdMs: number;
  /** Chance that a client reads what was just acknowledged, to it or to another: it must see it. */
  readonly hearsay: number;
  /** How often each kind is drawn, by weight. */
  readonly mix: Readonly<Record<OperationKind, number>>;
}

export const OPERATION_KINDS = [
  'put',
  'get',
  'swap',
  'plainPut',
  'delete',
  'lock',
  'shared',
  'campaign',
  'lease',
  'compact',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export interface Surroundings {
  readonly link: LinkQuality;
  readonly clientLink: LinkQuality;
  /** Links that differ, e.g. a far replica. */
  readonly links: readonly { readonly from: number; readonly to: number; readonly quality: LinkQuality }[];
  readonly disk: DiskPace;
  /** How often replicas write rows and cut their logs. */
  readonly housekeeping: HousekeepingPace;
  /** How far clocks may run off, as a ratio. */
  readonly drift: number;
  /** How long replicas work between two looks at their clock, in milliseconds. */
  readonly busyMs: number;
}

export const FAULT_KINDS = [
  'crash',
  'crashAll',
  'kill',
  'pause',
  'stall',
  'isolate',
  'partition',
  'oneWay',
  'flap',
  'slowLink',
  'lossyLink',
  'overtaking',
  'slowDisk',
  'failingDisk',
  'fullDisk',
  'rot',
  'clockJump',
  'clockDrift',
  'transfer',
  'settings',
  'laggard',
  'shortTerms',
  'deadlyVotes',
  'deadlyInstalls',
  'clientKill',
  'clientPause',
  'clientCut',
  'clientOutage',
  'wipe',
  'grow',
  'shrink',
  'replace',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Those that change the membership: with any of them a world has supervisors. */
export const MEMBERSHIP_FAULTS: readonly FaultKind[] = ['wipe', 'grow', 'shrink', 'replace'];

export interface FaultPlan {
  readonly kind: FaultKind;
  /** Mean time from one to the next, in milliseconds. */
  readonly everyMs: number;
  /** Mean time until it is undone, in milliseconds, where it can be. */
  readonly lastMs: number;
}
