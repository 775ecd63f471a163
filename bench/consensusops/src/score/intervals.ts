export { pairedBootstrap, type Difference } from '@aegis/agent/counterfactual';

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

/** The mean square of what was said to be likely less what was: 0 is perfect, 0.25 what half and half costs. */
export function brier(said: readonly { readonly confidence: number; readonly right: boolean }[]): number {
  if (said.length === 0) return Number.NaN;
  return (
    said.reduce((total, { confidence, right }) => total + (confidence - Number(right)) ** 2, 0) / said.length
  );
}
