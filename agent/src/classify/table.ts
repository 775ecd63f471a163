import type { FaultKind, IncidentClass } from '../diagnose/cause.js';
import type { LinkFeature, ReplicaFeature } from '../telemetry/index.js';

/** What a feature that is out of the usual speaks of, if nothing else is known. */
export interface Meaning {
  readonly class: IncidentClass;
  readonly fault: FaultKind;
}

const of = (name: IncidentClass, fault: FaultKind): Meaning => ({ class: name, fault });

/**
 * The public table: feature → class and fault. Every method of ConsensusOps-Bench that looks at single features uses it, and the
 * classifier rests on no feature in another sense (table.test.ts). Null: it grows or stands by its nature, and means nothing by itself.
 */
export const TABLE: Readonly<Record<ReplicaFeature | LinkFeature, Meaning | null>> = {
  hasLeader: of('SplitBrain', 'link-cut'),
  leads: of('ElectionStorm', 'paused'),
  term: of('ElectionStorm', 'paused'),
  leaderChanges: of('ElectionStorm', 'paused'),
  restarted: of('ElectionStorm', 'killed'),
  pending: of('Overload', 'plain-load'),
  failed: of('Overload', 'plain-load'),
  committed: of('Overload', 'plain-load'),
  applied: of('Overload', 'plain-load'),
  operations: of('Overload', 'plain-load'),
  backlog: of('SlowFollower', 'cpu-starved'),
  fsyncMean: of('DiskStall', 'disk-slow'),
  fsyncMedian: of('DiskStall', 'disk-slow'),
  fsyncP99: of('DiskStall', 'disk-slow'),
  fsyncBusy: of('DiskStall', 'disk-slow'),
  fsyncMax: of('DiskStall', 'disk-stalled'),
  fsyncs: of('DiskStall', 'disk-stalled'),
  flushP99: of('DiskStall', 'disk-slow'),
  diskFull: of('DiskStall', 'disk-full'),
  applyP99: of('Overload', 'cpu-starved'),
  slowApplies: of('Overload', 'cpu-starved'),
  loopMax: of('ElectionStorm', 'loop-stalled'),
  loopP99: of('Overload', 'cpu-starved'),
  loopMedian: of('Overload', 'cpu-starved'),
  cpu: of('Overload', 'cpu-starved'),
  gcBusy: of('Overload', 'gc-pressure'),
  memory: of('Overload', 'huge-values'),
  kvGrowth: of('Overload', 'huge-values'),
  unsent: of('Overload', 'huge-values'),
  streams: of('Overload', 'connection-herd'),
  streamsOpened: of('Overload', 'connection-herd'),
  watches: of('Overload', 'watch-fan-out'),
  slowWatches: of('Overload', 'watch-fan-out'),
  lockQueue: of('Overload', 'hot-lock'),
  leases: of('LeaseStarvation', 'lease-herd'),
  leasesExpired: of('LeaseStarvation', 'lease-herd'),
  refused: of('SplitBrain', 'link-cut'),
  snapshotsSent: of('SlowFollower', 'short-log'),
  snapshotsInstalled: of('SlowFollower', 'short-log'),
  committedIndex: null,
  appliedIndex: null,
  firstIndex: null,
  heartbeatInterval: null,
  electionTimeout: null,
  roundTripMean: of('ElectionStorm', 'link-slow'),
  roundTripMedian: of('ElectionStorm', 'link-slow'),
  roundTripP99: of('ElectionStorm', 'link-slow'),
  roundTrips: of('SplitBrain', 'link-cut'),
  clockOffset: of('LeaseStarvation', 'clock-off'),
  lag: of('SlowFollower', 'disk-slow'),
};
