import { Random } from '@aegis/replica/sim';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % of a normal distribution are below it. */
const Z = 1.959963984540054;

/** E. B. Wilson's interval of a share at 95 %: it holds for few cases too, and stays between 0 and 1. */
export function wilson(right: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = right / of;
  const square = Z * Z;
  const centre = (share + square / (2 * of)) / (1 + square / of);
  const width = (Z / (1 + square / of)) * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  return { low: Math.max(0, centre - width), high: Math.min(1, centre + width) };
}

export interface Difference extends Interval {
  /** Of the first method less the other, a case. */
  readonly mean: number;
}

const DRAWS = 10_000;
const SEED = 2020;

/** The difference of two methods on the same cases, with the middle 95 % of what comes of drawing the cases anew. The same every time. */
export function pairedBootstrap(one: readonly number[], other: readonly number[]): Difference {
  if (one.length !== other.length)
    throw new Error(`${one.length} cases of one, ${other.length} of the other`);
  const differences = one.map((value, at) => value - other[at]!);
  const count = differences.length;
  if (count === 0) return { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  const random = new Random(SEED);
  const means = Float64Array.from({ length: DRAWS }, () => {
    let total = 0;
    for (let draw = 0; draw < count; draw++) total += differences[random.below(count)]!;
    return total / count;
  }).sort();
  return {
    mean: differences.reduce((total, value) => total + value, 0) / count,
    low: means[Math.floor(0.025 * (DRAWS - 1))]!,
    high: means[Math.ceil(0.975 * (DRAWS - 1))]!,
  };
}

/** The mean square of what was said to be likely less what was: 0 is perfect, 0.25 what half and half costs. */
export function brier(said: readonly { readonly confidence: number; readonly right: boolean }[]): number {
  if (said.length === 0) return Number.NaN;
  return (
    said.reduce((total, { confidence, right }) => total + (confidence - Number(right)) ** 2, 0) / said.length
  );
}
