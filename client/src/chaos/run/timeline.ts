import type { Trace } from '../trace/trace.js';

/** A fault begins or is undone. */
export interface Action {
  readonly atMs: number;
  readonly what: 'begin' | 'end';
  /** Its place in the trace's list. */
  readonly fault: number;
  /** Which time it is, from 0: an entry with `every` happens again. */
  readonly occurrence: number;
}

/** All that happens to the members, in order; at one moment what ends comes first. The end of the trace ends what is left. */
export function timelineOf({ faults, durationMs }: Trace): Action[] {
  const actions = faults.flatMap(({ atMs, forMs, everyMs }, fault) => {
    const begins = everyMs === undefined ? [atMs] : multiples(atMs, everyMs, durationMs);
    return begins.flatMap((beginMs, occurrence): Action[] => {
      const begin: Action = { atMs: beginMs, what: 'begin', fault, occurrence };
      const endMs = beginMs + (forMs ?? Infinity);
      return endMs >= durationMs ? [begin] : [begin, { atMs: endMs, what: 'end', fault, occurrence }];
    });
  });
  return actions.sort((a, b) => a.atMs - b.atMs || order(a) - order(b) || a.fault - b.fault);
}

function multiples(fromMs: number, everyMs: number, untilMs: number): number[] {
  return Array.from(
    { length: Math.ceil((untilMs - fromMs) / everyMs) },
    (_, time) => fromMs + time * everyMs,
  );
}

function order({ what }: Action): number {
  return what === 'end' ? 0 : 1;
}
