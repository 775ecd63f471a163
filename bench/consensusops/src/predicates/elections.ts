import type { TruthLog } from '../truth/log.js';

/** The most terms that began within a window that begins no sooner than `notBeforeMs`, without those that somebody asked for. */
export function mostTerms(
  { statuses, handoversMs }: TruthLog,
  windowMs: number,
  notBeforeMs = -Infinity,
): number {
  const rises: { readonly atMs: number; readonly terms: number }[] = [];
  let highest: number | undefined;
  for (const { endedMs, status } of [...statuses].sort((a, b) => a.endedMs - b.endedMs)) {
    if (status === undefined || status.term <= (highest ?? -1)) continue;
    if (highest !== undefined) rises.push({ atMs: endedMs, terms: status.term - highest });
    highest = status.term;
  }
  const within = ({ atMs: fromMs }: { readonly atMs: number }): number => {
    const sum = rises
      .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + windowMs)
      .reduce((total, { terms }) => total + terms, 0);
    const asked = handoversMs.filter((atMs) => atMs >= fromMs - 2_000 && atMs < fromMs + windowMs).length;
    return sum - Math.min(sum, asked);
  };
  return Math.max(0, ...rises.filter(({ atMs }) => atMs >= notBeforeMs).map(within));
}
