import {
  byName,
  HARM,
  MEASURE_NAMES,
  MEASURES,
  pairedBootstrap,
  PRIMARY,
  REPRODUCED_WITHIN,
  type Difference,
  type MeasureName,
} from '@aegis/agent/counterfactual';
import type { Verification } from '@aegis/agent/forge';

import type { Question } from './question.js';
import type { Run } from './side.js';

/** What a signal was under both settings: means over the pairs, in its unit. */
export interface Compared extends Difference {
  readonly before: number;
  readonly after: number;
  /** By how much it may be worse. */
  readonly margin: number;
  readonly passed: boolean;
}

export interface Replay {
  readonly reproduced: boolean;
  /** Runs that showed the class, of all. */
  readonly classSeen: number;
  readonly of: number;
  readonly signal: number;
  /** What the signal may be at least and at most; undefined: nothing was measured that it could be held against. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly why: string;
}

/** Did the incident happen again under the settings as they are? In most worlds, and as badly as it did. */
export function judgeReplay(question: Pick<Question, 'class' | 'observed'>, runs: readonly Run[]): Replay {
  const { measure } = PRIMARY[question.class];
  const { unit } = MEASURES[measure];
  const classSeen = runs.filter(({ classes }) => classes.includes(question.class)).length;
  const signal = mean(runs.map((run) => run.measured[measure]));
  const { observed } = question;
  const within =
    observed === undefined
      ? undefined
      : Math.max(REPRODUCED_WITHIN * observed, ...runs.map((run) => run.finest[measure]));
  const seen = { classSeen, of: runs.length, signal };
  const bounds = {
    low: within === undefined ? undefined : observed! - within,
    high: within === undefined ? undefined : observed! + within,
  };
  const counted = `${classSeen} of ${runs.length} replays are of the class ${question.class}`;
  const told = `${measure} ${shown(signal)} ${unit}`;
  if (classSeen * 2 <= runs.length)
    return { ...seen, ...bounds, reproduced: false, why: `Only ${counted}: most have to be.` };
  if (!Number.isFinite(signal))
    return { ...seen, ...bounds, reproduced: false, why: `The replays do not tell ${measure}.` };
  if (within !== undefined && !(Math.abs(signal - observed!) <= within))
    return {
      ...seen,
      ...bounds,
      reproduced: false,
      why: `${told} in the replays, ${shown(observed!)} in the incident: more than ${100 * REPRODUCED_WITHIN} % away.`,
    };
  const against =
    observed === undefined ? 'nothing measured to hold it against' : `${shown(observed)} in the incident`;
  return { ...seen, ...bounds, reproduced: true, why: `${counted}; ${told}, ${against}.` };
}

/** Before and after. */
export type Pair = readonly [number, number];

/** An answer tells so many pairs, which is enough to draw what they are like. */
const PAIRS_MAX = 16;

export type Signals = Readonly<Record<MeasureName, Compared>>;

/** A signal before and after, of each pair of runs with the same seed that tells it. */
export function pairsOf(name: MeasureName, before: readonly Run[], after: readonly Run[]): readonly Pair[] {
  return before
    .map((run, at): Pair => [run.measured[name], after[at]!.measured[name]])
    .filter((pair) => pair.every(Number.isFinite));
}

/** All signals of pairs of runs with the same seeds. What a window did not tell is left out with its pair. */
export function compare(before: readonly Run[], after: readonly Run[]): Signals {
  return byName((name) => {
    const pairs = pairsOf(name, before, after);
    const [olds, news] = [pairs.map(([old]) => old), pairs.map(([, fresh]) => fresh)];
    const was = mean(olds);
    const margin = Math.max(HARM[name].by, HARM[name].share * was);
    const difference = pairedBootstrap(news, olds);
    // Signals that nobody can tell any more are no good sign.
    const gone =
      pairs.length * 2 <= before.length && before.some((run) => Number.isFinite(run.measured[name]));
    return {
      before: was,
      after: mean(news),
      ...difference,
      margin,
      passed: gone || difference.mean > margin,
    };
  });
}

export interface Judged {
  readonly result: 'Improves' | 'NoDifference' | 'Harm';
  /** Other signals that passed their margins, the worst first. */
  readonly harmed: readonly MeasureName[];
}

/** All measures are better when they are smaller. */
export function judge(primary: MeasureName, signals: Signals): Judged {
  const excess = (name: MeasureName): number => signals[name].mean / signals[name].margin;
  const harmed = MEASURE_NAMES.filter((name) => name !== primary && signals[name].passed).sort(
    (a, b) => excess(b) - excess(a),
  );
  const { low, high } = signals[primary];
  if (harmed.length > 0 || low > 0) return { result: 'Harm', harmed };
  return { result: high < 0 ? 'Improves' : 'NoDifference', harmed };
}

/** As the status of a TuningRecommendation wants it: whole thousandths. */
export function verificationOf(
  primary: MeasureName,
  { result, harmed }: { readonly result: Verification['result']; readonly harmed: readonly MeasureName[] },
  numbers: Pick<Compared, 'before' | 'after' | 'mean' | 'low' | 'high'>,
  seeds: number,
  pairs: readonly Pair[] = [],
): Verification {
  const { unit, doc } = MEASURES[primary];
  const [worst] = harmed;
  return {
    result,
    signal: `${primary}: ${doc}`,
    unit,
    before: thousandths(numbers.before),
    after: thousandths(numbers.after),
    delta: thousandths(numbers.mean),
    deltaLow: thousandths(numbers.low),
    deltaHigh: thousandths(numbers.high),
    seeds,
    ...(pairs.length === 0 ? {} : { pairs: pairs.slice(0, PAIRS_MAX).map(inThousandths) }),
    ...(worst === undefined ? {} : { harmed: worst }),
  };
}

function inThousandths([before, after]: Pair): Pair {
  return [thousandths(before), thousandths(after)];
}

function thousandths(value: number): number {
  const rounded = Math.round(value * 1000);
  return Number.isFinite(rounded) ? rounded + 0 : 0;
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function shown(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
