import type { ReplicaWindow, Series } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { together } from '../series.js';
import { silentMoments } from './process.js';

/** What is in of a majority, moment by moment: the largest that so many have reached. NaN: fewer than a majority tell. */
function reachedByMost(look: Look, feature: 'term' | 'appliedIndex'): Series {
  return look.once(`most reached ${feature}`, () => {
    const majority = Math.floor(look.replicas.length / 2) + 1;
    const reached = together(
      look.replicas.map(({ features }) => features[feature]),
      (told) => (told.length < majority ? Number.NaN : [...told].sort((a, b) => b - a)[majority - 1]!),
    );
    // What most have reached they do not leave again.
    for (let index = 1; index < reached.length; index++) {
      const before = reached[index - 1]!;
      if (!(reached[index]! >= before) && !Number.isNaN(before)) reached[index] = before;
    }
    return reached;
  });
}

/**
 * For each moment 1 if a replica answers and is not with the leader that a majority follows: it knows none, or is in an older term. 0: it is
 * with it, or there is none. NaN: it does not tell.
 */
export function apartOf(look: Look, { name, features }: ReplicaWindow): Series {
  return look.once(`apart ${name}`, () => {
    const majority = Math.floor(look.replicas.length / 2) + 1;
    const terms = reachedByMost(look, 'term');
    const led = look.once('led', () =>
      together(
        look.replicas.map((other) => other.features.hasLeader),
        (told) => told.filter((flag) => flag === 1).length,
      ),
    );
    const { hasLeader, term } = features;
    return hasLeader.map((has, index) => {
      if (Number.isNaN(has)) return Number.NaN;
      if (led[index]! < majority) return 0;
      return Number(has === 0 || term[index]! < terms[index]!);
    });
  });
}

/** Moments in which nobody hears of a replica that still led when it was last heard: what it lacks then is not a follower's. */
function silentLeader(
  look: Look,
  { features }: ReplicaWindow,
  silent: ReadonlySet<number>,
): ReadonlySet<number> {
  if (silent.size === 0) return silent;
  let led = false;
  return new Set(
    look.timesMs.flatMap((_, index) => {
      if (!Number.isNaN(features.leads[index]!)) led = features.leads[index] === 1;
      return silent.has(index) && led ? [index] : [];
    }),
  );
}

/** Moments in which a replica was silent because it was dead: the next that is heard of it is that it was started anew. */
function dead(
  look: Look,
  { answered, features }: ReplicaWindow,
  silent: ReadonlySet<number>,
): ReadonlySet<number> {
  const moments = new Set<number>();
  if (silent.size === 0) return moments;
  let anew = false;
  for (let index = look.timesMs.length - 1; index >= 0; index--) {
    if (answered[index]) anew = features.restarted[index] === 1;
    else if (anew && silent.has(index)) moments.add(index);
  }
  return moments;
}

export interface Lateness {
  /** Seconds since most had first applied what it has not; 0 where it has it all, or is excused. NaN: nobody knows. */
  readonly seconds: Series;
  /** Moments in which it is no follower that could be late: it leads, is apart, led and is silent, or is dead. */
  readonly excused: (index: number) => boolean;
  /** The same in entries. */
  readonly entries: Series;
}

/** How late a follower is behind what most have applied. Of one that is silent it is what it was last known to have. */
export function latenessOf(look: Look, replica: ReplicaWindow): Lateness {
  const reached = reachedByMost(look, 'appliedIndex');
  const silent = silentMoments(look, replica);
  const apart = apartOf(look, replica);
  const away = new Set([...silentLeader(look, replica, silent), ...dead(look, replica, silent)]);
  const { appliedIndex, leads } = replica.features;
  const excused = (index: number): boolean => leads[index] === 1 || apart[index] === 1 || away.has(index);
  const entries = new Float64Array(look.timesMs.length);
  let known = Number.NaN;
  let from = 0;
  const seconds = Float64Array.from(look.timesMs, (now, index) => {
    if (!Number.isNaN(appliedIndex[index]!)) known = appliedIndex[index]!;
    if (excused(index)) return 0;
    const own = silent.has(index) ? known : toldOf(look, replica, index);
    entries[index] = Math.max(0, reached[index]! - own);
    if (Number.isNaN(own) || Number.isNaN(reached[index]!)) return Number.NaN;
    // Of one that was restored, or whose folder was lost, what it has goes back.
    if (reached[from]! > own) from = 0;
    while (!(reached[from]! > own) && from <= index) from++;
    return from > index ? 0 : (now - reachedMs(look.timesMs, reached, from, own)) / 1000;
  });
  return { seconds, excused, entries };
}

/** What it says that it has applied; if it does not, what its leader knows of it. */
function toldOf(look: Look, { name, features }: ReplicaWindow, index: number): number {
  const own = features.appliedIndex[index]!;
  const leader = look.leaders[index];
  if (!Number.isNaN(own) || leader?.features.leads[index] !== 1) return own;
  return leader.features.appliedIndex[index]! - (leader.links[name]?.lag[index] ?? Number.NaN);
}

/** When the entry after `own` was reached, between the moment at which it was and the one before. */
function reachedMs(timesMs: readonly number[], reached: Series, at: number, own: number): number {
  const before = reached[at - 1];
  if (before === undefined || Number.isNaN(before)) return timesMs[at]!;
  const share = (own - before) / (reached[at]! - before);
  return timesMs[at - 1]! + Math.max(0, share) * (timesMs[at]! - timesMs[at - 1]!);
}
