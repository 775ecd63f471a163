import type { Sample } from '@aegis/replica/exposition';

/** How often values were at most so large since a process began, by the bound in seconds; the last one is infinite. */
export type Cumulative = ReadonlyMap<number, number>;

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** From the `_bucket` lines of one histogram. */
export function cumulative(buckets: readonly Sample[]): Cumulative {
  const counts = new Map<number, number>();
  for (const { labels, value } of buckets) {
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    if (!Number.isNaN(bound) && Number.isFinite(value)) counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

/** Added up, bound by bound. */
export function merged(all: readonly Cumulative[]): Cumulative {
  const sum = new Map<number, number>();
  for (const each of all) for (const [bound, count] of each) sum.set(bound, (sum.get(bound) ?? 0) + count);
  return new Map([...sum].sort(([a], [b]) => a - b));
}

/**
 * Of the values that came since `before`, interpolated within their buckets as Prometheus does. Null: there were none.
 * A process that began anew since counts from nothing.
 */
export function percentilesSince(before: Cumulative | undefined, now: Cumulative): Percentiles | null {
  const total = (counts: Cumulative): number => counts.get(Infinity) ?? 0;
  const from = before === undefined || total(before) > total(now) ? new Map<number, number>() : before;
  const grown = [...now].map(([bound, count]) => [bound, count - (from.get(bound) ?? 0)] as const);
  const all = grown.at(-1)?.[1] ?? 0;
  if (all <= 0) return null;
  // Of milliseconds in whole microseconds.
  const at = (share: number): number => Math.round(quantile(grown, share * all) * 1_000_000) / 1_000;
  return { p50: at(0.5), p99: at(0.99) };
}

function quantile(counts: readonly (readonly [number, number])[], rank: number): number {
  let [lower, below] = [0, 0];
  for (const [bound, count] of counts) {
    // Nothing is known of what lies beyond the last bound but that it does.
    if (bound === Infinity) return lower;
    if (count >= rank) return lower + ((bound - lower) * (rank - below)) / Math.max(count - below, 1e-9);
    [lower, below] = [bound, count];
  }
  return lower;
}
