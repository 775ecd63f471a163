import { BOUNDS } from '../classify/index.js';
import { Look } from '../classify/look.js';
import { medianOf, quantileOf, sum, together } from '../classify/series.js';
import { lackOf } from '../classify/signals/replication.js';
import type { Series, Window } from '../telemetry/index.js';

/** One number that says how bad a window was: the smaller, the better. Real and simulated windows are measured alike. */
export interface Measure {
  readonly unit: string;
  readonly doc: string;
  /** NaN: the window does not tell. */
  readonly of: (look: Look) => number;
  /** What a window of this length can tell at the finest: values nearer to each other are the same. */
  readonly finest: (look: Look) => number;
}

const MINUTE_MS = 60_000;

/** The texts are their reference in docs/counterfactual.md. */
export const MEASURES = {
  elections: {
    unit: 'a minute',
    doc: 'New terms.',
    of: (look) => aMinute(look, sum(grown(look.most('term')))),
    finest: (look) => aMinute(look, 1),
  },
  lost: {
    unit: 's a minute',
    doc: 'Time in which fewer commands than usual were applied, by what was missing; what chance takes and gives cancels out.',
    of: lostSeconds,
    finest: (look) => aMinute(look, quantileOf(look.stepsMs, 0.5) / 1000),
  },
  lag: {
    unit: 's',
    doc: 'By how much of the writes the replica that is furthest behind is behind, on average; while nothing is committed all are, by the time that it lasts.',
    of: lagSeconds,
    finest: () => 0.1,
  },
  snapshots: {
    unit: 'a minute',
    doc: 'Snapshots installed.',
    of: (look) => aMinute(look, amount(look, look.total('snapshotsInstalled'))),
    finest: (look) => aMinute(look, 1),
  },
  expiries: {
    unit: 'a minute',
    doc: 'Leases that ended by expiry.',
    of: (look) => aMinute(look, amount(look, look.most('leasesExpired'))),
    finest: (look) => aMinute(look, 1),
  },
  failures: {
    unit: 'a thousand',
    doc: 'Commands that the cluster failed, of those that were applied.',
    of: (look) => {
      const applied = amount(look, look.most('applied'));
      return (1000 * amount(look, look.total('failed'))) / Math.max(1, applied);
    },
    finest: (look) => 1000 / Math.max(1, amount(look, look.most('applied'))),
  },
  wait: {
    unit: 'ms',
    doc: 'How long a command waits for its answer: those that wait by those that are applied a second (J. Little).',
    of: (look) => (1000 * meanOf(look.total('pending'))) / meanOf(look.most('applied')),
    finest: () => 1,
  },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];
export type Measured = Readonly<Record<MeasureName, number>>;

/** All measures of a window. */
export function measured(window: Window): Measured {
  const look = new Look(window, BOUNDS);
  return byName((name) => MEASURES[name].of(look));
}

/** What the window can tell of each at the finest. */
export function finest(window: Window): Measured {
  const look = new Look(window, BOUNDS);
  return byName((name) => MEASURES[name].finest(look));
}

export function byName<T>(of: (name: MeasureName) => T): Record<MeasureName, T> {
  return Object.fromEntries(MEASURE_NAMES.map((name) => [name, of(name)])) as Record<MeasureName, T>;
}

function aMinute({ timesMs }: Look, count: number): number {
  const spanMs = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0);
  return spanMs > 0 ? (count * MINUTE_MS) / spanMs : Number.NaN;
}

/** What came of a rate. */
function amount({ stepsMs }: Look, rates: Series): number {
  return sum(Array.from(rates, (rate, index) => (Number.isNaN(rate) ? 0 : (rate * stepsMs[index]!) / 1000)));
}

/** By how much what only grows had grown in each moment, of the largest that was told. */
function grown(values: Series): number[] {
  let newest = Number.NaN;
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) return 0;
    const by = Number.isNaN(newest) ? 0 : Math.max(0, value - newest);
    newest = Number.isNaN(newest) ? value : Math.max(newest, value);
    return by;
  });
}

/** How much more than usual chance makes of a moment: so many deviations, as the median of the deviations tells them, which gaps do not move. */
const CHANCE = { deviations: 2.5, least: 0.1, most: 0.5 };
/** A normal deviation, by the median of its amounts. */
const MAD = 1.4826;

/**
 * All that is missing counts, however little, less what is beyond the usual by chance: chance takes away as often as it adds, and as much,
 * so that it cancels out. A bound above which what is missing counts would see gaps that are shorter than a scrape in part, and longer
 * ones whole, and all the less of them the fewer writes there are. What clients catch up with after a gap is more than chance, and does not make up for it.
 */
function lostSeconds(look: Look): number {
  // Commands, and not entries: who waited together shares one. The middle of the replicas: one that comes back applies all that it lacks.
  const rates = together(
    look.replicas.map(({ features }) => features.applied),
    medianOf,
  );
  const usual = undisturbed(rates);
  if (Number.isNaN(usual)) return Number.NaN;
  // The first moment has none before it, and of a moment in which nobody tells nothing is known.
  const shares = [...rates].map((rate) => (Number.isNaN(rate) ? 1 : rate / usual));
  const spread = quantileOf(
    shares.map((share) => Math.abs(share - 1)),
    0.5,
  );
  const chance = Math.min(CHANCE.most, Math.max(CHANCE.least, CHANCE.deviations * MAD * spread));
  const lost = shares.map((share, index) => (Math.max(1 - share, -chance) * look.stepsMs[index]!) / 1000);
  return aMinute(look, Math.max(0, sum(lost)));
}

/** Much is what four of five moments do not reach, and what is near it is as good. */
const MUCH = { share: 0.8, near: 0.75 };

/**
 * What rates are where nothing disturbs them, if that is so for a fifth of the time in which there are any: gaps and slow times are no part of
 * it, however many there are. NaN: there are none.
 */
function undisturbed(rates: Series): number {
  const told = rates.filter((rate) => rate > 0);
  const near = MUCH.near * quantileOf(told, MUCH.share);
  return medianOf(told.filter((rate) => rate >= near));
}

/** While anything is written. */
function usualRate(rates: ArrayLike<number>): number {
  return quantileOf(
    Array.from(rates).filter((rate) => rate > 0),
    0.5,
  );
}

/**
 * While nothing is committed nobody falls behind a leader, and all fall behind what clients wait to have written, by the time that it lasts:
 * otherwise a cluster without a leader would pass for one whose followers are quick.
 */
function lagSeconds(look: Look): number {
  const committed = look.most('committed');
  const rate = usualRate(committed);
  const furthest = together(
    look.replicas.map((replica) => lackOf(look, replica)),
    (told) => Math.max(0, ...told),
  );
  const halted = haltedSeconds(look, HALTED_SHARE * rate);
  return meanOf(furthest.map((entries, index) => entries / rate + halted[index]!));
}

/** Less of the usual is hardly anything. */
const HALTED_SHARE = 0.1;

/** For how long hardly anything had been committed in each moment, while somebody waited for it or was refused. */
function haltedSeconds(look: Look, least: number): Series {
  const committed = look.most('committed');
  const [pending, failed] = [look.total('pending'), look.total('failed')];
  let seconds = 0;
  return Float64Array.from(committed, (rate, index) => {
    const wanted = pending[index]! > 0 || failed[index]! > 0;
    seconds = rate < least && wanted ? seconds + look.stepsMs[index]! / 1000 : 0;
    return seconds;
  });
}

function meanOf(values: Series): number {
  const told = [...values].filter((value) => !Number.isNaN(value));
  return told.length === 0 ? Number.NaN : sum(told) / told.length;
}
