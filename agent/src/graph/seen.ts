import type { Classification, Signal } from '../classify/index.js';
import { placeKey, type IncidentClass } from '../diagnose/index.js';

const SIGNALS_MAX = 32;

/** A signal as the evidence keeps it, so that it can be shown later. Times are milliseconds since 1970. */
export interface Measured extends Pick<Signal, 'kind' | 'feature' | 'unit' | 'seenMs'> {
  /** As `placeKey` says it. */
  readonly at: string;
  readonly onset: number;
  readonly last: number;
  /** Null: no number. */
  readonly worst: number | null;
  readonly bound: number | null;
}

export interface KeptSignal extends Measured {
  /** The class that it speaks for. */
  readonly class: IncidentClass;
}

/** The signals that made the classes of a window: some of each, where there are very many. @param beganAt when the window began */
export function keptSignals(
  { classes }: Pick<Classification, 'classes'>,
  beganAt: number,
): readonly KeptSignal[] {
  const each = Math.max(1, Math.floor(SIGNALS_MAX / Math.max(1, classes.length)));
  return classes.flatMap(({ class: name, because }) =>
    because.slice(0, each).map((signal) => ({ class: name, ...measuredOf(signal, beganAt) })),
  );
}

/** What causes rest on, each signal once, and for each cause which of them; the first that there is room for. */
export function measuredFor(
  causes: readonly { readonly evidence: readonly Signal[] }[],
  beganAt: number,
): { readonly measured: readonly Measured[]; readonly because: readonly (readonly number[])[] } {
  const signals = [...new Set(causes.flatMap(({ evidence }) => evidence))].slice(0, SIGNALS_MAX);
  return {
    measured: signals.map((signal) => measuredOf(signal, beganAt)),
    because: causes.map(({ evidence }) =>
      evidence.map((signal) => signals.indexOf(signal)).filter((index) => index >= 0),
    ),
  };
}

function measuredOf(signal: Signal, beganAt: number): Measured {
  const { kind, at, feature, unit, seenMs, onsetMs, lastMs } = signal;
  const times = { onset: beganAt + onsetMs, last: beganAt + lastMs, seenMs };
  return { kind, at: placeKey(at), feature, unit, ...times, ...numbers(signal) };
}

function numbers({ worst, bound }: Pick<Signal, 'worst' | 'bound'>): Pick<KeptSignal, 'worst' | 'bound'> {
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return { worst: known(worst), bound: known(bound) };
}
