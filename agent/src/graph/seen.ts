import type { Classification, Signal } from '../classify/index.js';
import { placeKey, type IncidentClass } from '../diagnose/index.js';

const SIGNALS_MAX = 32;

/** A signal as the evidence keeps it, so that it can be shown later. Times are milliseconds since 1970. */
export interface KeptSignal extends Pick<Signal, 'kind' | 'feature' | 'unit' | 'seenMs'> {
  /** The class that it speaks for. */
  readonly class: IncidentClass;
  /** As `placeKey` says it. */
  readonly at: string;
  readonly onset: number;
  readonly last: number;
  /** Null: no number. */
  readonly worst: number | null;
  readonly bound: number | null;
}

/** The signals that made the classes of a window: some of each, where there are very many. @param beganAt when the window began */
export function keptSignals(
  { classes }: Pick<Classification, 'classes'>,
  beganAt: number,
): readonly KeptSignal[] {
  const each = Math.max(1, Math.floor(SIGNALS_MAX / Math.max(1, classes.length)));
  return classes.flatMap(({ class: name, because }) =>
    because.slice(0, each).map(({ kind, at, feature, unit, seenMs, onsetMs, lastMs, worst, bound }) => {
      const times = { onset: beganAt + onsetMs, last: beganAt + lastMs, seenMs };
      return { class: name, kind, at: placeKey(at), feature, unit, ...times, ...numbers({ worst, bound }) };
    }),
  );
}

function numbers({ worst, bound }: Pick<Signal, 'worst' | 'bound'>): Pick<KeptSignal, 'worst' | 'bound'> {
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return { worst: known(worst), bound: known(bound) };
}
