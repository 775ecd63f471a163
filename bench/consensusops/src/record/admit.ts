import {
  beforeOf,
  callSeconds,
  lateSpans,
  mostTerms,
  since,
  totalMs,
  type Verdict,
} from '../predicates/index.js';
import type { Rejection } from '../labels/index.js';
import type { Planned } from '../schedule/index.js';
import type { Run } from './record-run.js';

/** Processors of the machine that others may use: a tenth of the two of a small machine, and half of one for a moment. */
const FOREIGN_CPU_MEAN = 0.25;
const FOREIGN_CPU_P90 = 0.6;
/** What a sync takes on a disk that nobody else uses, and far below what a predicate calls slow. */
const FSYNC_MS_P95 = 20;
const IO_PRESSURE_MEAN = 0.4;
/** Seconds in which answers are late now and then, before anything is done: garbage is collected on a sound cluster, too. */
const LATE_SHARE = 0.1;
const LATE_MS_MAX = 2_000;
/** By then the code of a new process is compiled. */
const SETTLED_MS = 8_000;

type Reason = Pick<Rejection, 'reason' | 'detail'>;

/** Why the machine was not quiet enough; it is not asked what the case looked like. Undefined: it was. */
export function noisy({ noise, truth }: Run, untouchedMs: number): Reason | undefined {
  const found = (detail: string): Reason => ({ reason: 'noise', detail });
  const cpu = noise.map(({ foreignCpu }) => foreignCpu);
  if (mean(cpu) > FOREIGN_CPU_MEAN) return found(`others used ${mean(cpu).toFixed(2)} processors on average`);
  if (quantile(cpu, 0.9) > FOREIGN_CPU_P90)
    return found(`others used ${quantile(cpu, 0.9).toFixed(2)} processors for a tenth of the time`);
  const before = noise.filter(({ atMs }) => atMs < untouchedMs);
  const syncMs = quantile(
    before.map(({ fsyncMs }) => fsyncMs),
    0.95,
  );
  if (syncMs > FSYNC_MS_P95) return found(`a sync on the host's own disk took ${Math.round(syncMs)} ms`);
  const pressure = mean(before.map(({ ioPressure }) => ioPressure));
  if (pressure > IO_PRESSURE_MEAN)
    return found(`something waited for the disk ${Math.round(pressure * 100)} % of the time before the case`);
  const seconds = callSeconds(truth);
  // The second in which something is done is not one before it.
  const wholeMs = Math.floor(untouchedMs / 1000) * 1000;
  const late = since(lateSpans(seconds, beforeOf(seconds, truth, untouchedMs), 1), SETTLED_MS)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, wholeMs) }))
    .filter(({ fromMs, toMs }) => toMs > fromMs);
  if (totalMs(late) > Math.max(LATE_MS_MAX, LATE_SHARE * (untouchedMs - SETTLED_MS)))
    return found(`answers were late for ${totalMs(late)} ms before anything was done`);
  const early = { ...truth, statuses: truth.statuses.filter(({ endedMs }) => endedMs < untouchedMs) };
  if (mostTerms(early, untouchedMs + 60_000) > 0) return found('the leader changed before anything was done');
  return undefined;
}

/** Why a case is not taken up, by what clients saw and how close it is to a bound. Undefined: it is. */
export function refused({ control }: Planned, { classes, findings, nearBound }: Verdict): Reason | undefined {
  const seen = findings.map(({ effect, at, measured }) => `${effect} at ${at} (${measured})`).join('; ');
  const detail = seen === '' ? 'nothing was seen' : seen.slice(0, 900);
  if (nearBound.length > 0) return { reason: 'near-bound', detail: `${nearBound.join(', ')}: ${detail}` };
  if (control !== null) return classes.length > 0 ? { reason: 'not-sound', detail } : undefined;
  const impact = findings.some(({ effect }) => effect === 'AnswersLate' || effect === 'LeaseStarvation');
  if (!impact) return { reason: 'no-impact', detail };
  return classes.length === 0 ? { reason: 'no-class', detail } : undefined;
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
