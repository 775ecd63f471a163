import type { ReplicaWindow, Series } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { quantileOf, spellsOf, stepsOf, sum, together } from '../series.js';
import type { Signal } from '../signal.js';

export function replicationSignals(look: Look): Signal[] {
  const rate = writeRate(look);
  return [
    ...look.replicas.flatMap((replica) => behind(look, replica, rate)),
    ...look.replicas.flatMap((replica) => snapshots(look, replica)),
    ...shortLog(look, rate),
    ...noCommits(look),
  ];
}

/** Entries a second that the cluster writes when it does. */
function writeRate(look: Look): number {
  return quantileOf(look.most('committed'), 0.5);
}

/** How far the applied index is from the newest of all, or what the leader says that it lacks, in entries. */
function lack(look: Look, replica: ReplicaWindow): Series {
  const newest = look.most('appliedIndex');
  return Float64Array.from(look.timesMs, (_, index) => {
    const leader = look.leaders[index];
    const lag = leader?.features.leads[index] === 1 ? leader.links[replica.name]?.lag[index] : undefined;
    const own = newest[index]! - replica.features.appliedIndex[index]!;
    if (lag !== undefined && !Number.isNaN(lag)) return Number.isNaN(own) ? lag : Math.max(lag, own);
    return own;
  });
}

function behind(look: Look, replica: ReplicaWindow, rate: number): Signal[] {
  const { bounds } = look;
  const entries = look.smooth(lack(look, replica));
  const bound = Math.max(bounds.behindEntries, Number.isNaN(rate) ? 0 : bounds.behindSeconds * rate);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(entries[index]!) ? undefined : entries[index]! > bound;
  return look.signal('behind', { replica: replica.name }, spellsOf(look.timesMs, holds, bounds.behindMs), {
    feature: 'lag',
    values: entries,
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
  const held = together(
    look.replicas.map(({ features }) =>
      Float64Array.from(look.timesMs, (_, index) => {
        const first = features.firstIndex[index]!;
        return first <= 1 ? Number.NaN : features.appliedIndex[index]! - first;
      }),
    ),
    (told) => Math.max(...told),
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
  const waiting = together(
    look.replicas.map(({ features }) => features.pending),
    sum,
  );
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) || Number.isNaN(waiting[index]!)
      ? undefined
      : values[index]! < 1 && waiting[index]! > 0;
  return look.signal('no-commits', 'cluster', spellsOf(look.timesMs, holds, look.bounds.apartMs), {
    feature: 'committed',
    values,
    bound: 1,
    below: true,
  });
}
