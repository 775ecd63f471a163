import type { Report } from './report.js';

/** After a change the next step may be due at once; caches need a moment. */
const AFTER_CHANGE_MS = 300;
/** While something is waited for that the API server does not tell of. */
const WAITING_MS = 1_000;
/** Members are looked at this often though nothing is told. */
const IDLE_MS = 10_000;

/** When to look again though nothing is heard, in milliseconds. */
export function pauseAfter({ step, outcome, troubles, again, certificates }: Report): number {
  const busy =
    outcome?.kind === 'changed' ? AFTER_CHANGE_MS : busyPause(step?.kind, outcome?.kind, troubles.length);
  return Math.min(busy, certificates?.againAfterMs ?? IDLE_MS, ...again);
}

function busyPause(step: string | undefined, outcome: string | undefined, troubles: number): number {
  if (step === 'wait' || outcome === 'held') return WAITING_MS;
  return troubles > 0 && step === undefined ? WAITING_MS * 5 : IDLE_MS;
}
