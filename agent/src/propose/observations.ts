import type { Observations } from '@aegis/replica/settings';
import type { Series, Window } from '../telemetry/index.js';

const US_PER_SECOND = 1_000_000;

/**
 * What the envelope's observed rules need, out of a window: the worst member and the worst link. Of syncs it takes the bound that
 * none passed, which is no less than the slowest thousandth. What nobody measured stays out.
 */
export function observationsOf({ replicas }: Window): Observations {
  const links = replicas.flatMap(({ links }) => Object.values(links));
  const worst = (series: readonly Series[], scale: number): number | undefined => {
    const told = series.flatMap((each) => [...each]).filter((value) => Number.isFinite(value) && value >= 0);
    return told.length === 0 ? undefined : Math.ceil(told.reduce((a, b) => Math.max(a, b), 0) * scale);
  };
  const found: Readonly<Record<keyof Observations, number | undefined>> = {
    roundTripP99Us: worst(
      links.map(({ roundTripP99 }) => roundTripP99),
      US_PER_SECOND,
    ),
    roundTripMeanUs: worst(
      links.map(({ roundTripMean }) => roundTripMean),
      US_PER_SECOND,
    ),
    fsyncP999Us: worst(
      replicas.map(({ features }) => features.fsyncMax),
      US_PER_SECOND,
    ),
    pauseMaxUs: worst(
      replicas.map(({ features }) => features.loopMax),
      US_PER_SECOND,
    ),
    entriesPerSecond: worst(
      replicas.map(({ features }) => features.committed),
      1,
    ),
    // No metric tells these yet.
    stateBytes: undefined,
    restoreMs: undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
