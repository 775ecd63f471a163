import type { Classification, Signal } from '../classify/index.js';
import type { FaultKind, IncidentClass } from './cause.js';
import type { Candidate } from './candidates.js';
import { isReplica, nameOf } from './places.js';

/** Where the ranking draws its lines; each with its reason. */
export interface Weights {
  /** Of a layer: what is below makes wrong what is above. Load is above all single replicas, for it is seen where it is asked. */
  readonly layers: Readonly<Record<Candidate['layer'], number>>;
  /** A cause does not come after what it explains. A scrape and the smoothing may lie between. */
  readonly lateMs: number;
  readonly late: number;
  /** What is left of something that can lead to nothing that was seen; it gets the rest by the share of classes that it explains. */
  readonly unfit: number;
  /** What load does to most replicas at once is not their fault; it kills none, and clients that come back after a death are no herd of their own. */
  readonly byLoad: number;
  /** A herd asks for more as well: what is special about it is the cause. */
  readonly plain: number;
  /** Another signal of the same place that is on a lower layer, and no later. */
  readonly above: number;
  /** Below this nothing is even listed. */
  readonly listed: number;
  /** The first has to reach this, or nothing is said. */
  readonly least: number;
}

export const WEIGHTS: Weights = {
  layers: {
    disk: 1,
    settings: 0.95,
    process: 0.9,
    network: 0.85,
    load: 0.8,
    clock: 0.6,
    replication: 0.3,
    election: 0.2,
    lease: 0.1,
  },
  lateMs: 6_000,
  late: 0.4,
  unfit: 0.25,
  byLoad: 0.3,
  plain: 0.8,
  above: 0.7,
  listed: 0.05,
  least: 0.2,
};

/** What each fault was seen to lead to, or leads to by how Raft works (docs/anomalies.md). */
const LEADS_TO: Readonly<Record<FaultKind, readonly IncidentClass[]>> = {
  'disk-slow': ['DiskStall', 'SlowFollower', 'ElectionStorm', 'LeaseStarvation', 'Overload'],
  'disk-stalled': ['DiskStall', 'SlowFollower', 'ElectionStorm', 'LeaseStarvation'],
  'disk-full': ['DiskStall', 'SlowFollower', 'Overload'],
  'cpu-starved': ['SlowFollower', 'ElectionStorm', 'LeaseStarvation', 'Overload'],
  'loop-stalled': ['SlowFollower', 'ElectionStorm', 'LeaseStarvation', 'Overload'],
  'gc-pressure': ['SlowFollower', 'ElectionStorm', 'LeaseStarvation', 'Overload'],
  paused: ['SplitBrain', 'ElectionStorm', 'SlowFollower', 'LeaseStarvation'],
  killed: ['ElectionStorm', 'SplitBrain', 'SlowFollower', 'LeaseStarvation'],
  'link-cut': ['SplitBrain', 'ElectionStorm', 'SlowFollower', 'LeaseStarvation'],
  'link-slow': ['ElectionStorm', 'SlowFollower', 'LeaseStarvation', 'Overload'],
  'link-lossy': ['ElectionStorm', 'SlowFollower', 'LeaseStarvation', 'SplitBrain'],
  'link-narrow': ['SlowFollower', 'ElectionStorm', 'Overload'],
  'clock-off': ['LeaseStarvation', 'ElectionStorm'],
  'plain-load': ['Overload', 'LeaseStarvation', 'ElectionStorm', 'SlowFollower', 'DiskStall'],
  'connection-herd': ['Overload', 'LeaseStarvation', 'ElectionStorm'],
  'lease-herd': ['LeaseStarvation', 'Overload', 'ElectionStorm'],
  'watch-fan-out': ['Overload', 'LeaseStarvation', 'ElectionStorm', 'SlowFollower'],
  'huge-values': ['Overload', 'DiskStall', 'SlowFollower', 'ElectionStorm', 'LeaseStarvation'],
  'hot-lock': ['Overload', 'LeaseStarvation'],
  'short-log': ['SlowFollower'],
  'hasty-settings': ['ElectionStorm', 'LeaseStarvation'],
};

/** What load alone does to the one replica that clients are at. */
const BUSY: readonly FaultKind[] = ['cpu-starved', 'gc-pressure'];

export interface Ranked extends Candidate {
  readonly score: number;
}

/** From the most to the least likely. The size of a value plays no part: the loudest is often the victim. */
export function rank(candidates: readonly Candidate[], seen: Classification, weights: Weights): Ranked[] {
  const loads = candidates.filter(({ layer }) => layer === 'load');
  const first = Math.min(...seen.classes.map(({ onsetMs }) => onsetMs));
  const scored = candidates.map((each): Ranked => {
    let score = weights.layers[each.layer];
    if (each.fault === 'plain-load' && loads.length > 1) score *= weights.plain;
    if (each.onsetMs > first + weights.lateMs) score *= weights.late;
    score *= weights.unfit + (1 - weights.unfit) * explained(each.fault, seen);
    const alike = candidates.filter((other) => other.fault === each.fault && isReplica(other.at));
    const crowded = isReplica(each.at) && alike.length > 1;
    const felt =
      each.fault !== 'killed' &&
      (each.layer === 'network' || crowded || !isReplica(each.at) || BUSY.includes(each.fault));
    if (each.layer !== 'load' && felt && loads.some((load) => explains(load, each, weights)))
      score *= weights.byLoad;
    const below = candidates.some(
      (other) =>
        nameOf(other.at) !== undefined &&
        nameOf(other.at) === nameOf(each.at) &&
        weights.layers[other.layer] > weights.layers[each.layer] &&
        explains(other, each, weights),
    );
    if (below) score *= weights.above;
    return { ...each, score };
  });
  return scored.sort(
    (a, b) =>
      b.score - a.score ||
      a.onsetMs - b.onsetMs ||
      (a.fault < b.fault ? -1 : a.fault > b.fault ? 1 : key(a) < key(b) ? -1 : 1),
  );
}

/** The share of the classes that were seen. */
function explained(fault: FaultKind, { classes }: Classification): number {
  const can = classes.filter((finding) => LEADS_TO[fault].includes(finding.class));
  return can.length / classes.length;
}

const key = ({ at }: Candidate): string => JSON.stringify(at);

/** It began no later, and lasted while the other began. */
function explains(cause: Candidate, effect: Candidate, { lateMs }: Weights): boolean {
  const last = Math.max(...cause.evidence.map((signal: Signal) => signal.lastMs));
  return cause.onsetMs <= effect.onsetMs + lateMs && effect.onsetMs <= last + lateMs;
}

export const leadsTo = (fault: FaultKind): readonly IncidentClass[] => LEADS_TO[fault];
