import type { ReplicaFeature, Series } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { spellsOf, together } from '../series.js';
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
  return [
    ...more('more-asked', 'operations', asked, bounds.moreAskedPerSecond),
    ...more('more-streams', 'streamsOpened', look.total('streamsOpened'), bounds.moreStreamsPerSecond),
    ...more('more-leases', 'leases', look.most('leases'), bounds.moreLeases),
    ...more('more-watches', 'watches', look.total('watches'), bounds.moreWatches),
    ...more('larger-values', 'kvGrowth', bytes, bounds.largeValueBytes),
    ...more('lock-queue', 'lockQueue', look.most('lockQueue'), bounds.lockQueue),
    ...more('queueing', 'pending', look.total('pending'), bounds.pending),
  ];

  function more(kind: SignalKind, feature: ReplicaFeature, series: Series, floor: number): Signal[] {
    const values = look.smooth(series);
    const usual = look.usualOf(values);
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

/** Clients come back all at once to a replica that was started anew. */
function onlyStarted(look: Look, index: number): boolean {
  return look.replicas.every(({ features }) => features.restarted[index] === 1);
}
