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
import { unansweredFor } from '../classify/signals/unanswered.js';
import { stoodStillAround } from '../classify/signals/process.js';
import type { Series } from '../telemetry/index.js';
import { lasting, roleIn, type FaultEntry } from './member-faults.js';

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

/** Slower than this many times the usual, and by a fifth of a heartbeat interval: what is less decides nothing. */
const SLOW_TIMES = 3;
const SLOW_BY_SECONDS = 0.02;
/** A probe goes out every second. */
const PROBES_PER_SECOND = 1;
const ANSWERED_OVER_MS = 10_000;
const ALL = { from: 'all', to: 'all' };

/** What a link is like for a while. */
interface State {
  readonly cut?: true;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
}

interface Lasting {
  readonly spell: Spell;
  readonly state: State;
}

/**
 * What went wrong between members. What all links have is said once; what one has beyond it is said of that one. A fault that begins
 * later on the same link rules as long as it lasts, so that each says all that is wrong then, and begins anew with each that all have.
 */
export function linkFaults(look: Look): FaultEntry[] {
  const pairs = pairsOf(look);
  const usual = look.usualOfLinks('roundTripMean');
  const bound = Math.max(SLOW_TIMES * usual, usual + SLOW_BY_SECONDS);
  const roundTrip = together(
    pairs.map((pair) => pair.roundTrip),
    medianOf,
  );
  const answered = together(
    pairs.map((pair) => pair.answered),
    medianOf,
  );
  const everyone = statesOf(look, [
    ...slow(look, roundTrip, bound, pairs, usual),
    ...lossy(look, answered, () => false),
  ]);
  return [
    ...entriesOf(look, ALL, everyone),
    ...pairs.flatMap((pair) => {
      const own = pair.roundTrip.map((value, index) =>
        roundTrip[index]! > bound && value < SLOW_TIMES * roundTrip[index]! ? Number.NaN : value,
      );
      const everyones = (index: number): boolean => answered[index]! < look.bounds.answeredShare;
      const states = statesOf(look, [
        ...slow(look, own, bound, [pair], usual),
        ...lossy(look, pair.answered, everyones),
        ...pair.cut.map((spell) => ({ spell, state: { cut: true as const } })),
      ]);
      return entriesOf(look, pair, states, everyone);
    }),
  ];
}

/** For each moment what holds then. */
function statesOf({ timesMs }: Look, all: readonly Lasting[]): (State | undefined)[] {
  return timesMs.map((_, index) => {
    const now = all.filter(({ spell }) => index >= spell.first && index <= spell.last);
    return now.length === 0
      ? undefined
      : now.reduce<State>((merged, { state }) => ({ ...merged, ...state }), {});
  });
}

/** One entry for each stretch in which a state holds, together with what all have then. */
function entriesOf(
  look: Look,
  { from, to }: { readonly from: string; readonly to: string },
  states: readonly (State | undefined)[],
  everyone: readonly (State | undefined)[] = [],
): FaultEntry[] {
  const keys = states.map((state, index) =>
    state === undefined ? '' : JSON.stringify([state, everyone[index] ?? null]),
  );
  const both = from === ALL.from ? {} : { both: true };
  return keys.flatMap((key, first): FaultEntry[] => {
    if (key === '' || keys[first - 1] === key) return [];
    const next = keys.findIndex((other, index) => index > first && other !== key);
    const spell = { first, last: next === -1 ? keys.length - 1 : next - 1, seenMs: 0 };
    const state = { ...everyone[first], ...states[first] };
    return [{ ...lasting(look, spell), effect: { kind: 'link', from, to, ...both, ...state } }];
  });
}

function pairsOf(look: Look): Pair[] {
  return look.replicas.flatMap((one, at) =>
    look.replicas.slice(at + 1).map((other) => {
      const links = look.links.filter(({ from, to }) =>
        [from, to].every((end) => end === one || end === other),
      );
      const cut = links
        .map((each) => unansweredFor(look, each, 'cut'))
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

/** Scrapes at both ends of a spell tell of the time around it, too: of so many, those between suffice. */
const INNER_LEAST = 4;

/**
 * A round trip is there and back: half of it each way. Of several the spread tells the jitter: two ways that are each uniform over a
 * width differ by its √6th part.
 */
function slow(look: Look, series: Series, bound: number, pairs: readonly Pair[], usual: number): Lasting[] {
  return spellsOf(look.timesMs, above(series, bound), 0).map((spell) => {
    const edge = spell.last - spell.first + 1 >= INNER_LEAST ? 1 : 0;
    const told = pairs.flatMap(({ roundTrip }) =>
      [...roundTrip.subarray(spell.first + edge, spell.last + 1 - edge)].filter(
        (value) => !Number.isNaN(value),
      ),
    );
    const mean = sum(told) / told.length;
    const deviation = Math.sqrt(sum(told.map((value) => (value - mean) ** 2)) / told.length);
    const probes = Math.max(1, (PROBES_PER_SECOND * medianOf(look.stepsMs)) / 1000);
    const jitter = Math.min(mean - usual, deviation * Math.sqrt(6 * probes));
    const [delayMs, jitterMs] = [500 * (mean - usual - jitter), 1000 * jitter].map((value) =>
      Math.max(0, Math.round(value)),
    );
    return { spell, state: { delayMs: Math.max(1, delayMs!), jitterMs: jitterMs! } };
  });
}

/** Of probes that go there and back, the share of one way is the root. */
function lossy(look: Look, answered: Series, otherwise: (index: number) => boolean): Lasting[] {
  const holds = (index: number): boolean | undefined => {
    const share = answered[index]!;
    return Number.isNaN(share) ? undefined : share < look.bounds.answeredShare && !otherwise(index);
  };
  return spellsOf(look.timesMs, holds, ANSWERED_OVER_MS / 2).map((spell) => {
    const told = [...answered.subarray(spell.first, spell.last + 1)].filter((value) => !Number.isNaN(value));
    const lossPercent = Math.round(1000 * (1 - Math.sqrt(sum(told) / told.length))) / 10;
    return { spell, state: { lossPercent: Math.max(0.1, lossPercent) } };
  });
}
