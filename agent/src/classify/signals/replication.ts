import type { ReplicaWindow, Series } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { folded, medianOf, quantileOf, spellsOf, stepsOf } from '../series.js';
import type { Signal } from '../signal.js';
import { silentMoments } from './process.js';
import { latenessOf } from './standing.js';

export function replicationSignals(look: Look): Signal[] {
  const rate = writeRate(look);
  return [
    ...look.replicas.flatMap((replica) => behind(look, replica)),
    ...look.replicas.flatMap((replica) => snapshots(look, replica)),
    ...shortLog(look, rate),
    ...noCommits(look),
  ];
}

/** Entries a second that the cluster writes when it does. */
function writeRate(look: Look): number {
  return quantileOf(look.most('committed'), 0.5);
}

/**
 * How far a replica is from the newest applied index of all, or what the leader says that it lacks, in entries. Of one that answers
 * nobody it is what it was last known to have.
 */
function lack(look: Look, replica: ReplicaWindow, silent: ReadonlySet<number>): Series {
  const newest = look.most('appliedIndex');
  let known = Number.NaN;
  return Float64Array.from(look.timesMs, (_, index) => {
    const applied = replica.features.appliedIndex[index]!;
    if (!Number.isNaN(applied)) known = applied;
    const own = newest[index]! - (silent.has(index) ? known : applied);
    const leader = look.leaders[index];
    const lag = leader?.features.leads[index] === 1 ? leader.links[replica.name]?.lag[index] : undefined;
    // A new leader knows nothing of the others, and counts from the beginning of the log until they answer.
    if (lag === undefined || Number.isNaN(lag) || lag >= UNKNOWN_SHARE * newest[index]!) return own;
    return Number.isNaN(own) ? lag : Math.max(lag, own);
  });
}

const UNKNOWN_SHARE = 0.9;

/** Entries by which a replica is behind the others, for each moment. */
export function lackOf(look: Look, replica: ReplicaWindow): Series {
  return lack(look, replica, silentMoments(look, replica));
}

/**
 * A follower that is late, without a break for so long. What was missing in the first moment of a spell was missing before it, too: so much,
 * and no more than a step, is added to what was seen.
 */
function behind(look: Look, replica: ReplicaWindow): Signal[] {
  const { bounds, timesMs, stepsMs } = look;
  const { seconds, excused, entries } = latenessOf(look, replica);
  // The replicas of a round are not asked in one moment, and what was reached between two rounds is worked out: the rarer, the less sharply.
  const bound = Math.max(bounds.behindSeconds, (bounds.behindSteps * medianOf(stepsMs)) / 1000);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(seconds[index]!)
      ? undefined
      : seconds[index]! > bound && entries[index]! >= bounds.behindEntries;
  const spells = spellsOf(timesMs, holds, 0).filter(({ first, last }) => {
    const beforeMs = excused(first - 1) ? 0 : Math.min(seconds[first]! * 1000, stepsMs[first]!);
    return timesMs[last]! - timesMs[first]! + beforeMs >= bounds.behindMs;
  });
  return look.signal('behind', { replica: replica.name }, spells, {
    feature: 'lag',
    unit: 'seconds',
    values: seconds,
    bound,
  });
}

function snapshots(look: Look, { name, features }: ReplicaWindow): Signal[] {
  const steps = stepsOf(look.timesMs);
  let total = 0;
  const values = features.snapshotsInstalled.map((rate, index) => {
    total += Number.isNaN(rate) ? 0 : (rate * steps[index]!) / 1000;
    return total;
  });
  // Rates over uneven steps come back to whole numbers but for rounding.
  const holds = (index: number): boolean => Math.round(values[index]!) >= look.bounds.snapshots;
  return look.signal('snapshots', { replica: name }, spellsOf(look.timesMs, holds, 0), {
    feature: 'snapshotsInstalled',
    values,
    bound: look.bounds.snapshots,
  });
}

/** What all logs together hold at most, in seconds of what is written. A young cluster has not written more yet: its logs begin at the start. */
function shortLog(look: Look, rate: number): Signal[] {
  const { bounds } = look;
  if (Number.isNaN(rate)) return [];
  const held = folded(
    look.replicas.map(({ features: { firstIndex, appliedIndex } }) =>
      firstIndex.map((first, index) => (first <= 1 ? Number.NaN : appliedIndex[index]! - first)),
    ),
    Math.max,
  );
  const bound = bounds.shortLogSeconds * rate;
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(held[index]!) ? undefined : held[index]! < bound;
  return look.signal('short-log', 'settings', spellsOf(look.timesMs, holds, bounds.sustainedMs), {
    feature: 'firstIndex',
    values: held,
    bound,
    below: true,
  });
}

/** Nothing is committed anywhere while commands wait. */
function noCommits(look: Look): Signal[] {
  const values = look.most('committed');
  const waiting = look.total('pending');
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) || Number.isNaN(waiting[index]!)
      ? undefined
      : values[index]! < 1 && waiting[index]! > 0;
  return look.signal('no-commits', 'cluster', spellsOf(look.timesMs, holds, look.bounds.haltMs), {
    feature: 'committed',
    values,
    bound: 1,
    below: true,
  });
}
