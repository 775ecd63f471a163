import type { Derivation } from './features.js';
import type { Histogram, Value } from './reading.js';

/** Two values of one metric, one scrape after another. */
export interface Step {
  readonly before: Value | undefined;
  readonly now: Value | undefined;
  readonly seconds: number;
  /** The process was started anew in between: what it counts began at zero. */
  readonly anew: boolean;
}

/** The value of a feature, or NaN: it cannot be told. */
export function derive(how: Derivation, { before, now, seconds, anew }: Step): number {
  if (now === undefined) return Number.NaN;
  if (typeof now === 'number') {
    if (how === 'stands') return now;
    if (typeof before !== 'number') return Number.NaN;
    if (how === 'changed') return now === before ? 0 : 1;
    if (how === 'growth') return anew ? Number.NaN : Math.max(0, now - before) / seconds;
    return how === 'rate' ? grown(before, now, anew) / seconds : Number.NaN;
  }
  if (before === undefined || typeof before === 'number') return Number.NaN;
  const since = difference(before, now, anew);
  if (since === undefined) return Number.NaN;
  const count = since.counts.at(-1) ?? 0;
  switch (how) {
    case 'rate':
      return count / seconds;
    case 'sumRate':
      return since.sum / seconds;
    case 'mean':
      return count === 0 ? Number.NaN : since.sum / count;
    case 'median':
      return quantile(since, 0.5);
    case 'p99':
      return quantile(since, 0.99);
    case 'max':
      return highest(since);
    default:
      return Number.NaN;
  }
}

/** A counter that fell began again: it grew by what it stands at. */
function grown(before: number, now: number, anew: boolean): number {
  return anew || now < before ? now : now - before;
}

function difference(before: Histogram, now: Histogram, anew: boolean): Histogram | undefined {
  const same =
    before.bounds === now.bounds ||
    (before.bounds.length === now.bounds.length &&
      before.bounds.every((bound, at) => bound === now.bounds[at]));
  const fell = !same || now.counts.some((count, at) => count < before.counts[at]!) || now.sum < before.sum;
  // Other bounds without a new process are no histogram of the same thing.
  if (!same && !anew) return undefined;
  if (anew || fell) return now;
  return {
    bounds: now.bounds,
    counts: now.counts.map((count, at) => count - before.counts[at]!),
    sum: now.sum - before.sum,
  };
}

/** The bound under which all values are; the last bound, if some are above it. */
function highest({ bounds, counts }: Histogram): number {
  const all = counts.at(-1) ?? 0;
  if (all === 0) return Number.NaN;
  const at = counts.findIndex((count) => count >= all);
  return bounds[Math.min(at, bounds.length - 1)] ?? Number.NaN;
}

/** By straight lines within a bound, as Prometheus does; above the last bound it is that bound. */
export function quantile({ bounds, counts }: Histogram, share: number): number {
  const all = counts.at(-1) ?? 0;
  if (all === 0) return Number.NaN;
  const rank = share * all;
  const at = counts.findIndex((count) => count >= rank);
  if (at >= bounds.length) return bounds.at(-1) ?? Number.NaN;
  const [low, below] = at === 0 ? [0, 0] : [bounds[at - 1]!, counts[at - 1]!];
  const within = counts[at]! - below;
  return within === 0 ? bounds[at]! : low + ((bounds[at]! - low) * (rank - below)) / within;
}
