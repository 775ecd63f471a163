import type { ReplicaFeature, Series } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { everAbove, largestOf, medianOf, spellsOf, together } from '../series.js';
import type { Signal, SignalKind } from '../signal.js';

/** Of what clients ask, over all replicas: wherever they connect, the cluster has to do it. */
export function loadSignals(look: Look): Signal[] {
  const { bounds } = look;
  const operations = look.total('operations');
  // A cluster whose replicas do not tell what is asked tells what it has applied.
  const asked = operations.every(Number.isNaN) ? look.most('applied') : operations;
  const bytes = together([look.most('kvGrowth'), look.most('applied')], ([grown = 0, applied = 0]) =>
    applied > 0 ? grown / applied : 0,
  );
  const special = [
    ...more('more-streams', 'streamsOpened', look.total('streamsOpened'), bounds.moreStreamsPerSecond),
    ...more('more-leases', 'leases', look.most('leases'), bounds.moreLeases),
    ...more('more-watches', 'watches', look.total('watches'), bounds.moreWatches),
    ...more('larger-values', 'kvGrowth', bytes, bounds.largeValueBytes),
    ...more('lock-queue', 'lockQueue', look.most('lockQueue'), bounds.lockQueue),
  ];
  return [
    ...more('more-asked', 'operations', asked, bounds.moreAskedPerSecond),
    ...special,
    ...crowdedOut(look, asked, special),
    ...more('queueing', 'pending', look.total('pending'), bounds.pending),
  ];

  function more(kind: SignalKind, feature: ReplicaFeature, series: Series, floor: number): Signal[] {
    if (!everAbove(series, floor)) return [];
    const values = look.smooth(series);
    const usual = largestOf([look.usualOf(values), atFirst(look, values)]);
    const bound = Math.max(floor, Number.isNaN(usual) ? 0 : bounds.moreTimes * usual);
    const holds = (index: number): boolean | undefined =>
      Number.isNaN(values[index]!) || onlyStarted(look, index) ? undefined : values[index]! > bound;
    return look.signal(kind, 'clients', spellsOf(look.timesMs, holds, bounds.sustainedMs), {
      feature,
      values,
      bound,
    });
  }
}

/** In the first third of a window: a fault that keeps clients from asking makes no load of what they asked for before it. */
function atFirst({ timesMs }: Look, values: Series): number {
  const untilMs = timesMs[0]! + (timesMs.at(-1)! - timesMs[0]!) / 3;
  return medianOf([...values].filter((_, index) => timesMs[index]! <= untilMs));
}

/** While something special is asked for, ordinary work is answered less often than before it: there is no room for it. */
function crowdedOut(look: Look, operations: Series, special: readonly Signal[]): Signal[] {
  if (special.length === 0) return [];
  const { timesMs, bounds } = look;
  const values = look.smooth(operations);
  const onsetMs = Math.min(...special.map((signal) => signal.onsetMs));
  const before = medianOf([...operations].filter((_, index) => timesMs[index]! < onsetMs - bounds.smoothMs));
  const bound = bounds.lessTimes * before;
  const meanwhile = (at: number): boolean =>
    special.some((signal) => at >= signal.onsetMs && at <= signal.lastMs);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) ? undefined : values[index]! < bound && meanwhile(timesMs[index]!);
  return look.signal('crowded-out', 'clients', spellsOf(timesMs, holds, bounds.sustainedMs), {
    feature: 'operations',
    values,
    bound,
    below: true,
  });
}

/** Clients come back all at once to a replica that was started anew. */
function onlyStarted(look: Look, index: number): boolean {
  return look.replicas.every(({ features }) => features.restarted[index] === 1);
}
