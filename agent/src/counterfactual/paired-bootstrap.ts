import { Random } from '@aegis/replica/sim';

/** Of one less the other, a case: the mean, with its 95 % interval. */
export interface Difference {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 10_000;
const SEED = 2020;

/**
 * The difference of two on the same cases, with the middle 95 % of what comes of drawing the cases anew (B. Efron's percentile
 * bootstrap). The same every time. Of no case all three are NaN.
 */
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
