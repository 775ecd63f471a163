import type { Look } from '../classify/look.js';
import {
  above,
  largestOf,
  medianOf,
  spellsOf,
  sum,
  sumsOver,
  together,
  type Spell,
} from '../classify/series.js';
import { cutSpells } from '../classify/signals/network.js';
import { stoodStillAround } from '../classify/signals/process.js';
import type { Series } from '../telemetry/index.js';
import { lasting, roleIn, SLOW_BY_SECONDS, SLOW_TIMES, type FaultEntry } from './member-faults.js';

/** Both directions between two replicas: a probe goes there and back, and does not tell which way was at fault. */
interface Pair {
  readonly from: string;
  readonly to: string;
  readonly cut: readonly Spell[];
  /** Seconds; NaN where an end stood still, which is no matter of the link, and where it was cut. */
  readonly roundTrip: Series;
  /** Of the probes of the last ten seconds, those that were answered. */
  readonly answered: Series;
}

/** A probe goes out every second. */
const PROBES_PER_SECOND = 1;
const ANSWERED_OVER_MS = 10_000;
const ALL = { from: 'all', to: 'all' };

/** What went wrong between members. What all links have is said once; what one has beyond it is said of that one. */
export function linkFaults(look: Look): FaultEntry[] {
  const pairs = pairsOf(look);
  const usual = look.usualOfLinks('roundTripMean');
  const bound = Math.max(SLOW_TIMES * usual, usual + SLOW_BY_SECONDS);
  const everywhere = together(
    pairs.map(({ roundTrip }) => roundTrip),
    medianOf,
  );
  const answered = together(
    pairs.map((pair) => pair.answered),
    medianOf,
  );
  const least = look.bounds.answeredShare;
  return [
    ...slow(look, ALL, spellsOf(look.timesMs, above(everywhere, bound), 0), pairs, usual),
    ...lossy(look, ALL, answered, () => false),
    ...pairs.flatMap((pair) => {
      const own = pair.roundTrip.map((value, index) =>
        everywhere[index]! > bound && value < SLOW_TIMES * everywhere[index]! ? Number.NaN : value,
      );
      const everyones = (index: number): boolean => answered[index]! < least;
      return [
        ...slow(look, pair, spellsOf(look.timesMs, above(own, bound), 0), [pair], usual),
        ...pair.cut.map((spell) => ({ ...lasting(look, spell), effect: { ...link(pair), cut: true } })),
        ...lossy(look, pair, pair.answered, everyones),
      ];
    }),
  ];
}

function link({ from, to }: { readonly from: string; readonly to: string }) {
  return { kind: 'link', from, to, ...(from === ALL.from ? {} : { both: true }) };
}

function pairsOf(look: Look): Pair[] {
  return look.replicas.flatMap((one, at) =>
    look.replicas.slice(at + 1).map((other) => {
      const links = look.links.filter(({ from, to }) =>
        [from, to].every((end) => end === one || end === other),
      );
      const cut = links
        .map((each) => cutSpells(look, each))
        .reduce((a, b) => (b.length > a.length ? b : a), []);
      const otherwise = (index: number): boolean =>
        stoodStillAround(look, one, index) ||
        stoodStillAround(look, other, index) ||
        cut.some(({ first, last }) => index >= first && index <= last);
      const clean = (series: Series): Series =>
        series.map((value, index) => (otherwise(index) ? Number.NaN : value));
      const counts = links.map(({ features }) => {
        const rates = clean(features.roundTrips);
        const sent = rates.map((rate) => (Number.isNaN(rate) ? 0 : PROBES_PER_SECOND));
        const over = (each: Series): Series =>
          sumsOver(
            each.map((rate, index) => (rate * look.stepsMs[index]!) / 1000),
            look.timesMs,
            ANSWERED_OVER_MS,
          );
        const [there, asked] = [over(rates), over(sent)];
        return there.map((value, index) =>
          asked[index]! < 5 ? Number.NaN : Math.min(1, value / asked[index]!),
        );
      });
      return {
        cut,
        from: roleIn(look, one),
        to: roleIn(look, other),
        roundTrip: together(
          links.map(({ features }) => clean(features.roundTripMean)),
          largestOf,
        ),
        answered: together(counts, (told) => sum(told) / told.length),
      };
    }),
  );
}

/**
 * A round trip is there and back: half of it each way. Of several the spread tells the jitter: two ways that are each uniform over a
 * width differ by its √6th part.
 */
function slow(
  look: Look,
  place: { readonly from: string; readonly to: string },
  spells: readonly Spell[],
  pairs: readonly Pair[],
  usual: number,
): FaultEntry[] {
  return spells.map((spell) => {
    const told = pairs.flatMap(({ roundTrip }) =>
      [...roundTrip.subarray(spell.first, spell.last + 1)].filter((value) => !Number.isNaN(value)),
    );
    const mean = sum(told) / told.length;
    const deviation = Math.sqrt(sum(told.map((value) => (value - mean) ** 2)) / told.length);
    const probes = Math.max(1, (PROBES_PER_SECOND * medianOf(look.stepsMs)) / 1000);
    const jitter = Math.min(mean - usual, deviation * Math.sqrt(6 * probes));
    const [delayMs, jitterMs] = [500 * (mean - usual - jitter), 1000 * jitter].map((value) =>
      Math.max(0, Math.round(value)),
    );
    return { ...lasting(look, spell), effect: { ...link(place), delayMs: Math.max(1, delayMs!), jitterMs } };
  });
}

/** Of probes that go there and back, the share of one way is the root. */
function lossy(
  look: Look,
  place: { readonly from: string; readonly to: string },
  answered: Series,
  otherwise: (index: number) => boolean,
): FaultEntry[] {
  const holds = (index: number): boolean | undefined => {
    const share = answered[index]!;
    return Number.isNaN(share) ? undefined : share < look.bounds.answeredShare && !otherwise(index);
  };
  return spellsOf(look.timesMs, holds, ANSWERED_OVER_MS / 2).map((spell) => {
    const told = [...answered.subarray(spell.first, spell.last + 1)].filter((value) => !Number.isNaN(value));
    const lossPercent = Math.round(1000 * (1 - Math.sqrt(sum(told) / told.length))) / 10;
    return { ...lasting(look, spell), effect: { ...link(place), lossPercent: Math.max(0.1, lossPercent) } };
  });
}
