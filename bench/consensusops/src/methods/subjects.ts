import { TABLE, type Meaning } from '@aegis/agent/classify';
import type { FaultKind, Where } from '@aegis/agent/diagnose';
import type { Series, Window } from '@aegis/agent/telemetry';

/** One feature of one replica or link, as the simple methods look at it: by itself. */
export interface Track {
  readonly at: Where;
  readonly feature: string;
  readonly meaning: Meaning;
  readonly series: Series;
  /** Of what is usual for it: the first samples. */
  readonly mean: number;
  readonly deviation: number;
  /** How many samples that were. */
  readonly learned: number;
}

const LEARNED_MOST = 30;
/** Of a recording that was scraped less often only so much of it: otherwise the incident would be learned as usual. */
const LEARNED_SHARE = 0.25;

/** Every feature of the table, of each replica and link, with the mean and deviation of its first 30 samples. */
export function tracksOf(window: Window): Track[] {
  const learned = Math.max(2, Math.min(LEARNED_MOST, Math.floor(window.timesMs.length * LEARNED_SHARE)));
  const track = (at: Where, feature: string, series: Series): Track[] => {
    const meaning = TABLE[feature as keyof typeof TABLE];
    if (meaning === null || meaning === undefined) return [];
    const usual = [...series.subarray(0, learned)].filter((value) => Number.isFinite(value));
    if (usual.length < 2) return [];
    const mean = usual.reduce((all, value) => all + value, 0) / usual.length;
    const deviation = Math.sqrt(
      usual.reduce((all, value) => all + (value - mean) ** 2, 0) / (usual.length - 1),
    );
    return [{ at, feature, meaning, series, mean, deviation, learned }];
  };
  return window.replicas.flatMap(({ name, features, links }) => [
    ...Object.entries(features).flatMap(([feature, series]) => track({ replica: name }, feature, series)),
    ...Object.entries(links).flatMap(([to, ofLink]) =>
      Object.entries(ofLink).flatMap(([feature, series]) => track({ from: name, to }, feature, series)),
    ),
  ]);
}

/** Moments, after those that were learned, in which a value is so many deviations off, `run` or more of them in a row. */
export function flagged(
  { series, mean, deviation, learned }: Track,
  { bound, run, floor }: { readonly bound: number; readonly run: number; readonly floor: number },
): { readonly index: number; readonly z: number }[] {
  // What did not move at all has no deviation; a share of its mean stands for one.
  const width = Math.max(
    deviation,
    floor * Math.abs(mean),
    1e-9 + (deviation === 0 && mean === 0 ? floor : 0),
  );
  const found: { index: number; z: number }[] = [];
  let row: { index: number; z: number }[] = [];
  for (let index = learned; index <= series.length; index++) {
    const z = index < series.length ? (series[index]! - mean) / width : 0;
    if (Number.isFinite(z) && Math.abs(z) > bound) row.push({ index, z });
    else {
      if (row.length >= run) found.push(...row);
      row = [];
    }
  }
  return found;
}

const OF_CLIENTS: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'plain-load',
  'connection-herd',
  'lease-herd',
  'watch-fan-out',
  'huge-values',
  'hot-lock',
]);

/** Where a fault of a feature is: what clients ask is at them, wherever it was counted. */
export function placeOf({ at }: Pick<Track, 'at'>, fault: FaultKind): Where {
  if (OF_CLIENTS.has(fault)) return 'clients';
  return fault === 'short-log' || fault === 'hasty-settings' ? 'settings' : at;
}
