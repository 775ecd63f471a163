import type { Series } from '../telemetry/index.js';

/** A stretch of moments in which something held; `first` and `last` are indexes of moments. */
export interface Spell {
  readonly first: number;
  readonly last: number;
  /** For how long it was seen to hold, in milliseconds: moments that could not be judged do not count. */
  readonly seenMs: number;
}

/** Of those that could be told; NaN: none. */
export function quantileOf(values: Iterable<number>, share: number): number {
  const known = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (known.length === 0) return Number.NaN;
  const rank = share * (known.length - 1);
  const [low, high] = [known[Math.floor(rank)]!, known[Math.ceil(rank)]!];
  return low + (high - low) * (rank - Math.floor(rank));
}

export const medianOf = (values: Iterable<number>): number => quantileOf(values, 0.5);

/** NaN: none could be told. */
export function largestOf(values: Iterable<number>): number {
  let largest = Number.NaN;
  for (const value of values) if (!(value <= largest) && !Number.isNaN(value)) largest = value;
  return largest;
}

/** Time that each moment stands for: since the one before it. The first stands for as long as the usual one. */
export function stepsOf(timesMs: readonly number[]): number[] {
  const steps = timesMs.map((at, index) => (index === 0 ? Number.NaN : at - timesMs[index - 1]!));
  const usual = medianOf(steps);
  return steps.map((step) => (Number.isNaN(step) ? (Number.isNaN(usual) ? 0 : usual) : step));
}

/** The median of what was told in the time before each moment, itself included. NaN where the moment itself tells nothing. */
export function smoothed(series: Series, timesMs: readonly number[], overMs: number): Series {
  let from = 0;
  return series.map((value, index) => {
    while (timesMs[from]! <= timesMs[index]! - overMs) from++;
    return Number.isNaN(value) ? Number.NaN : medianOf(series.subarray(from, index + 1));
  });
}

/** Moment by moment over several: a moment in which none tells anything is NaN. */
export function together(many: readonly Series[], join: (values: readonly number[]) => number): Series {
  const length = many[0]?.length ?? 0;
  return Float64Array.from({ length }, (_, index) => {
    const told = many.map((series) => series[index]!).filter((value) => !Number.isNaN(value));
    return told.length === 0 ? Number.NaN : join(told);
  });
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

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
  const gapMs = Math.max(GAP_MS, GAP_STEPS * medianOf(steps));
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
