import {
  LINK_FEATURES,
  REPLICA_FEATURES,
  type LinkFeature,
  type ReplicaFeature,
} from '../telemetry/index.js';
import type { Look } from './look.js';
import type { IncidentClass } from '../diagnose/cause.js';

/** What could not be seen, and why: nothing is said that would need it. */
export interface Unseen {
  readonly what: 'metric' | 'replica' | 'moments' | 'window' | 'clock';
  /** For people. */
  readonly text: string;
  /** Classes that this could hide. */
  readonly hides: readonly IncidentClass[];
}

/** Less is no window: medians are taken over five seconds, and what is sustained has to be seen twice. */
export const MOMENTS_LEAST = 4;
export const SPAN_MS_LEAST = 10_000;

/** What each class rests on: without all of a group nothing can be said about it. */
const NEEDS: Readonly<Record<IncidentClass, readonly (readonly (ReplicaFeature | LinkFeature)[])[]>> = {
  ElectionStorm: [['term']],
  SplitBrain: [['hasLeader'], ['roundTrips']],
  SlowFollower: [['lag', 'appliedIndex']],
  LeaseStarvation: [['leasesExpired'], ['leases']],
  DiskStall: [
    ['fsyncMedian', 'fsyncMax'],
    ['loopP99', 'loopMax'],
  ],
  Overload: [['operations', 'applied', 'pending']],
};

export const CLASS_NEEDS = NEEDS;

const metricOf = (name: ReplicaFeature | LinkFeature): string =>
  name in REPLICA_FEATURES
    ? REPLICA_FEATURES[name as ReplicaFeature].metric
    : LINK_FEATURES[name as LinkFeature].metric;

/** Classes that cannot be judged at all, because nobody tells what they rest on. */
export function hiddenClasses(look: Look): IncidentClass[] {
  const missing = new Set(look.window.unknown);
  return (Object.keys(NEEDS) as IncidentClass[]).filter((name) =>
    NEEDS[name].some((group) => group.every((feature) => missing.has(metricOf(feature)))),
  );
}

export function tooShort({ timesMs }: Look): boolean {
  return timesMs.length < MOMENTS_LEAST || timesMs.at(-1)! - timesMs[0]! < SPAN_MS_LEAST;
}

export function unseenOf(look: Look): Unseen[] {
  const { timesMs, replicas, window } = look;
  const unseen: Unseen[] = [];
  const all = Object.keys(NEEDS) as IncidentClass[];
  if (tooShort(look)) {
    const span = timesMs.length === 0 ? 0 : timesMs.at(-1)! - timesMs[0]!;
    unseen.push({
      what: 'window',
      text: `the window has ${timesMs.length} rounds of scrapes over ${span / 1000} s: at least ${MOMENTS_LEAST} over ${SPAN_MS_LEAST / 1000} s are needed`,
      hides: all,
    });
  }
  for (const metric of window.unknown) {
    const hides = all.filter((name) =>
      NEEDS[name].some((group) => group.some((feature) => metricOf(feature) === metric)),
    );
    unseen.push({
      what: 'metric',
      text: `no replica tells ${metric}: renamed, or of another version`,
      hides,
    });
  }
  for (const { name, answered, features } of replicas) {
    const told = answered.filter(Boolean).length;
    if (told === 0) unseen.push({ what: 'replica', text: `${name} never answered`, hides: all });
    else if (told < answered.length)
      unseen.push({
        what: 'moments',
        text: `${name} did not answer ${answered.length - told} of ${answered.length} scrapes`,
        hides: [],
      });
    const partly = (Object.keys(REPLICA_FEATURES) as ReplicaFeature[]).filter((feature) => {
      const { how, metric } = REPLICA_FEATURES[feature];
      if (how !== 'stands' || window.unknown.includes(metric)) return false;
      const series = features[feature];
      return series.includes(Number.NaN) && series.some((value, at) => Number.isNaN(value) && answered[at]);
    });
    if (partly.length > 0)
      unseen.push({
        what: 'moments',
        text: `${name} told only a part in some scrapes: ${partly.join(', ')} are missing there`,
        hides: [],
      });
  }
  return unseen;
}
