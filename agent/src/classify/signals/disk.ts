import type { ReplicaWindow } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { above, everAbove, spellsOf } from '../series.js';
import type { Signal } from '../signal.js';
import { stoodStillAround } from './process.js';

/** Syncs that take long, that do not return, and no room. A loop that stands still or is late makes syncs look slow: that is not the disk. */
export function diskSignals(look: Look): Signal[] {
  return look.replicas.flatMap((replica) => [
    ...slowSync(look, replica),
    ...stalledSync(look, replica),
    ...diskFull(look, replica),
  ]);
}

export function slowSyncBound({ bounds, usual }: Pick<Look, 'bounds'> & { readonly usual: number }): number {
  const times = Number.isNaN(usual) ? 0 : bounds.slowSyncTimes * usual;
  return Math.min(bounds.slowSyncAlwaysSeconds, Math.max(bounds.slowSyncSeconds, times));
}

function slowSync(look: Look, { name, features }: ReplicaWindow): Signal[] {
  const { bounds, timesMs } = look;
  const bound = slowSyncBound({ bounds, usual: look.usual('fsyncMedian') });
  if (!everAbove(features.fsyncMedian, bound)) return [];
  const values = look.smooth(features.fsyncMedian);
  const loop = look.smooth(features.loopP99);
  const holds = (index: number): boolean | undefined => {
    const value = values[index]!;
    if (Number.isNaN(value)) return undefined;
    if (!(value > bound)) return false;
    // A late loop hears late of a sync that was in time. What is so late is told only by the buckets of a histogram.
    const late = value >= bounds.stillSeconds ? BUCKET * loop[index]! : loop[index]!;
    return late >= value ? undefined : true;
  };
  const spells = spellsOf(timesMs, holds, bounds.sustainedMs);
  return look.signal('slow-sync', { replica: name }, spells, { feature: 'fsyncMedian', values, bound });
}

/** From one bound of a histogram to the next it is two and a half times at most. */
const BUCKET = 2.5;

function stalledSync(look: Look, replica: ReplicaWindow): Signal[] {
  const { bounds, timesMs } = look;
  const { features, name } = replica;
  const seen = { feature: 'fsyncMax', values: features.fsyncMax, bound: bounds.stalledSyncSeconds } as const;
  const returned = spellsOf(
    timesMs,
    (index) => {
      const value = features.fsyncMax[index]!;
      if (Number.isNaN(value)) return undefined;
      return value >= bounds.stalledSyncSeconds && !stoodStillAround(look, replica, index);
    },
    0,
  );
  const others = look.replicas.filter((other) => other !== replica);
  const nothing = spellsOf(
    timesMs,
    (index) => {
      const own = features.fsyncs[index]!;
      if (Number.isNaN(own)) return undefined;
      const syncing = others.filter((other) => other.features.fsyncs[index]! > 1);
      // What does not come to it cannot be synced.
      const leader = look.leaders[index];
      const heard =
        leader === replica ||
        look.links.some(
          ({ from, to, features: link }) => from === replica && to === leader && link.roundTrips[index]! > 0,
        );
      return own === 0 && heard && syncing.length * 2 >= others.length && features.hasLeader[index] === 1;
    },
    bounds.stalledSyncMs,
  );
  const at = { replica: name };
  return [
    ...look.signal('stalled-sync', at, returned, seen),
    ...look.signal('stalled-sync', at, nothing, {
      feature: 'fsyncs',
      values: features.fsyncs,
      bound: 0,
      below: true,
    }),
  ];
}

function diskFull(look: Look, { name, features }: ReplicaWindow): Signal[] {
  const spells = spellsOf(look.timesMs, above(features.diskFull, 0), 0);
  return look.signal('disk-full', { replica: name }, spells, {
    feature: 'diskFull',
    values: features.diskFull,
    bound: 1,
  });
}
