import type { Series } from '../telemetry/index.js';

/** A stretch of moments in which something held; `first` and `last` are indexes of moments. */
export interface Spell {
  readonly first: number;
  readonly last: number;
  /** For how long it was seen to hold, in milliseconds: moments that could not be judged do not count. */
  readonly seenMs: number;
}

/** Of those that could be told; NaN: none. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  return quantileWithin(values, 0, values.length, share);
}

/** Of those from `first` to before `end`. */
function quantileWithin(values: ArrayLike<number>, first: number, end: number, share: number): number {
  const known = end - first <= FEW ? few : new Float64Array(end - first);
  let count = 0;
  for (let index = first; index < end; index++) {
    const value = values[index]!;
    if (!Number.isNaN(value)) known[count++] = value;
  }
  if (count === 0) return Number.NaN;
  const sorted = count <= FEW ? insertionSorted(known, count) : known.subarray(0, count).sort();
  const rank = share * (count - 1);
  const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
  return low === high ? low : low + (high - low) * (rank - Math.floor(rank));
}

/** So few are sorted sooner by hand: most medians are of five. */
const FEW = 8;
/** They are put here: nothing is kept of it from one call to the next. */
const few = new Float64Array(FEW);

function insertionSorted(values: Float64Array, count: number): Float64Array {
  for (let index = 1; index < count; index++) {
    const value = values[index]!;
    let at = index;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
  return values;
}

export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5);

/** NaN: none could be told. */
export function largestOf(values: Iterable<number>): number {
  let largest = Number.NaN;
  for (const value of values) if (!(value <= largest) && !Number.isNaN(value)) largest = value;
  return largest;
}

/** What was worked out for a list of times: every detector asks for it. */
const known = new WeakMap<readonly number[], readonly number[]>();

/** Time that each moment stands for: since the one before it. The first stands for as long as the usual one. */
export function stepsOf(timesMs: readonly number[]): readonly number[] {
  let steps = known.get(timesMs);
  if (steps === undefined) known.set(timesMs, (steps = computedSteps(timesMs)));
  return steps;
}

function computedSteps(timesMs: readonly number[]): number[] {
  const steps = timesMs.map((at, index) => (index === 0 ? Number.NaN : at - timesMs[index - 1]!));
  const usual = medianOf(steps);
  return steps.map((step) => (Number.isNaN(step) ? (Number.isNaN(usual) ? 0 : usual) : step));
}

/** The median of what was told in the time before each moment, itself included. NaN where the moment itself tells nothing. */
export function smoothed(series: Series, timesMs: readonly number[], overMs: number): Series {
  const smooth = Float64Array.from(series);
  let from = 0;
  for (let index = 0; index < smooth.length; index++) {
    while (timesMs[from]! <= timesMs[index]! - overMs) from++;
    if (Number.isNaN(series[index]!) || from === index) continue;
    smooth[index] = quantileWithin(series, from, index + 1, 0.5);
  }
  return smooth;
}

/** Whether any is above a bound: if none is, no median of them is, and nobody has to smooth them. */
export function everAbove(series: Series, bound: number): boolean {
  for (let index = 0; index < series.length; index++) if (series[index]! > bound) return true;
  return false;
}

/** Moment by moment over several: a moment in which none tells anything is NaN. */
export function together(many: readonly Series[], join: (values: readonly number[]) => number): Series {
  const length = many[0]?.length ?? 0;
  const joined = new Float64Array(length);
  const told: number[] = [];
  for (let index = 0; index < length; index++) {
    told.length = 0;
    for (const series of many) if (!Number.isNaN(series[index]!)) told.push(series[index]!);
    joined[index] = told.length === 0 ? Number.NaN : join(told);
  }
  return joined;
}

/** Moment by moment over several, one after the other. A moment in which none tells anything is NaN. */
export function folded(many: readonly Series[], join: (one: number, other: number) => number): Series {
  const joined = new Float64Array(many[0]?.length ?? 0).fill(Number.NaN);
  for (const series of many)
    for (let index = 0; index < joined.length; index++) {
      const value = series[index]!;
      if (Number.isNaN(value)) continue;
      const before = joined[index]!;
      joined[index] = Number.isNaN(before) ? value : join(before, value);
    }
  return joined;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const usual = new WeakMap<readonly number[], number>();

function usualStep(timesMs: readonly number[]): number {
  let step = usual.get(timesMs);
  if (step === undefined) usual.set(timesMs, (step = medianOf(stepsOf(timesMs))));
  return step;
}

/** The sum of what is in the time before each moment, itself included. NaN counts nothing. */
export function sumsOver(values: ArrayLike<number>, timesMs: readonly number[], overMs: number): Series {
  const totals = new Float64Array(timesMs.length);
  let from = 0;
  let total = 0;
  for (let index = 0; index < totals.length; index++) {
    if (!Number.isNaN(values[index]!)) total += values[index]!;
    for (; timesMs[from]! <= timesMs[index]! - overMs; from++)
      if (!Number.isNaN(values[from]!)) total -= values[from]!;
    totals[index] = total;
  }
  return totals;
}

/** A stretch that could not be judged ends a spell if it is longer than this many usual steps, and this long. */
const GAP_STEPS = 3;
const GAP_MS = 10_000;

/**
 * The stretches in which `holds` is true and that were seen for `leastMs` or more. A moment that cannot be judged (undefined) neither
 * begins nor ends one.
 */
export function spellsOf(
  timesMs: readonly number[],
  holds: (index: number) => boolean | undefined,
  leastMs: number,
): Spell[] {
  const steps = stepsOf(timesMs);
  const gapMs = Math.max(GAP_MS, GAP_STEPS * usualStep(timesMs));
  const spells: Spell[] = [];
  let open: { first: number; last: number; seenMs: number } | undefined;
  const close = (): void => {
    if (open !== undefined && open.seenMs >= leastMs) spells.push(open);
    open = undefined;
  };
  for (let index = 0; index < timesMs.length; index++) {
    const judged = holds(index);
    if (judged === undefined) {
      if (open !== undefined && timesMs[index]! - timesMs[open.last]! > gapMs) close();
    } else if (!judged) close();
    else if (open === undefined) open = { first: index, last: index, seenMs: steps[index]! };
    else {
      open.last = index;
      open.seenMs += steps[index]!;
    }
  }
  close();
  return spells;
}

/** Above a bound; undefined where it could not be told. */
export function above(series: Series, bound: number): (index: number) => boolean | undefined {
  return (index) => (Number.isNaN(series[index]!) ? undefined : series[index]! > bound);
}
