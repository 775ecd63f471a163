import type { Observations } from '@aegis/replica/settings';
import { BOUNDS } from '../classify/bounds.js';
import { Look } from '../classify/look.js';
import { silenceOf, silentSpells } from '../classify/signals/process.js';
import type { Series, Window } from '../telemetry/index.js';

const US_PER_SECOND = 1_000_000;

/**
 * What the envelope's observed rules need, out of a window: the worst member and the worst link. Of syncs it takes the bound that
 * none passed, which is no less than the slowest thousandth. What nobody measured stays out.
 */
export function observationsOf(window: Window): Observations {
  const { replicas } = window;
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
      [...replicas.map(({ features }) => features.loopMax), ...silences(window)],
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

/** Seconds for which members were silent and went on: of what stood for longer than a scrape waits no metric tells. */
function silences(window: Window): Series[] {
  const look = new Look(window, BOUNDS);
  return look.replicas.map((replica) =>
    Float64Array.from(
      silentSpells(look, replica)
        .filter(
          ({ last }) => replica.answered[last + 1] === true && replica.features.restarted[last + 1] !== 1,
        )
        .map((spell) => silenceOf(look, spell))
        .map(({ beganMs, endedMs }) => (endedMs - beganMs) / 1000),
    ),
  );
}
