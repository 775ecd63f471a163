import type { Link, Look } from '../classify/look.js';
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
import { isLateAt, unansweredFor } from '../classify/signals/unanswered.js';
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
  /** Of each direction, where nothing else is to blame: probes answered a second, and the mean of their round trips. */
  readonly answers: readonly { readonly rate: Series; readonly mean: Series }[];
  /** Of the probes of the last ten seconds, those that were answered. */
  readonly answered: Series;
}

/** Slower than this many times the usual, and by a fifth of a heartbeat interval: what is less decides nothing. */
const SLOW_TIMES = 3;
const SLOW_BY_SECONDS = 0.02;
/** A probe goes out every second. */
const PROBES_PER_SECOND = 1;
const ANSWERED_OVER_MS = 10_000;
/** Of an answer that comes after the next probe nobody knows when it came: a quarter of an interval after it is said for all. */
const LATER_SECONDS = 1.25 / PROBES_PER_SECOND;
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
      const late = (link: Link, index: number): boolean =>
        isLateAt(look, link, index) ||
        unansweredFor(look, link, 'late').some(({ first, last }) => index >= first && index <= last);
      const counts = links.map((link) => {
        // What comes too late to count is late, and not lost.
        const rates = clean(link.features.roundTrips).map((rate, index) =>
          late(link, index) ? Number.NaN : rate,
        );
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
      const answers = links.map(({ features }) => ({
        rate: clean(features.roundTrips),
        mean: clean(features.roundTripMean),
      }));
      const trips = links.map((link, at) =>
        answers[at]!.mean.map((value, index) =>
          answers[at]!.rate[index] === 0 && late(link, index) ? LATER_SECONDS : value,
        ),
      );
      return {
        cut,
        from: roleIn(look, one),
        to: roleIn(look, other),
        roundTrip: together(trips, largestOf),
        answers,
        answered: together(counts, (told) => sum(told) / told.length),
      };
    }),
  );
}

/** Scrapes at both ends of a spell tell of the time around it, too: of so many, those between suffice. */
const INNER_LEAST = 4;

function slow(look: Look, series: Series, bound: number, pairs: readonly Pair[], usual: number): Lasting[] {
  return spellsOf(look.timesMs, above(series, bound), 0).map((spell) => {
    const edge = spell.last - spell.first + 1 >= INNER_LEAST ? 1 : 0;
    const inner = Array.from(
      { length: spell.last - spell.first + 1 - 2 * edge },
      (_, at) => spell.first + edge + at,
    );
    const { fixed, jitter } = spreadOf(look, inner, pairs);
    const [delayMs, jitterMs] = [500 * (fixed - usual), 1000 * jitter].map((value) =>
      Math.max(0, Math.round(value)),
    );
    return { spell, state: { delayMs: Math.max(1, delayMs!), jitterMs: jitterMs! } };
  });
}

/**
 * A round trip is there and back, each way fixed and a part by chance: what both take at least, and the width of what chance adds to one way.
 * Of answers that all count the spread of their means tells the width: two ways that are each uniform over it differ by its √6th part. If
 * many come too late to count, their sum is distributed as a triangle, of which a share `p` lies before the next probe, with its mean at two
 * thirds of the way there from where it begins.
 */
function spreadOf(
  look: Look,
  moments: readonly number[],
  pairs: readonly Pair[],
): { readonly fixed: number; readonly jitter: number } {
  const told = pairs.flatMap(({ answers }) =>
    answers.flatMap(({ rate, mean }) =>
      moments.flatMap((index) => {
        const sent = (look.stepsMs[index]! * PROBES_PER_SECOND) / 1000;
        const answered = Math.min(sent, (rate[index]! * look.stepsMs[index]!) / 1000);
        return Number.isNaN(answered) ? [] : [{ sent, answered, mean: mean[index]! }];
      }),
    ),
  );
  const heard = told.filter(({ mean }) => !Number.isNaN(mean));
  const answered = sum(heard.map((each) => each.answered));
  const mean = sum(heard.map((each) => each.mean * each.answered)) / answered;
  const share = answered / sum(told.map(({ sent }) => sent));
  const untilNext = 1 / PROBES_PER_SECOND;
  if (!(answered > 0)) return { fixed: untilNext, jitter: untilNext / 2 };
  if (share < ALL_COUNT_SHARE && mean >= untilNext / 2 && mean < untilNext) {
    const length = 3 * (untilNext - mean);
    return { fixed: Math.max(0, untilNext - length), jitter: length / Math.sqrt(2 * Math.min(0.5, share)) };
  }
  const deviation = Math.sqrt(sum(heard.map((each) => (each.mean - mean) ** 2)) / heard.length);
  const probes = Math.max(1, (PROBES_PER_SECOND * medianOf(look.stepsMs)) / 1000);
  const jitter = Math.min(mean, deviation * Math.sqrt(6 * probes));
  return { fixed: mean - jitter, jitter };
}

/** Of probes whose answers are late, so that fewer count. */
const ALL_COUNT_SHARE = 0.8;

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
