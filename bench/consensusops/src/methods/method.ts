import type { Effect, FaultKind, IncidentClass, Where } from '@aegis/agent/diagnose';
import type { Window } from '@aegis/agent/telemetry';

/** What a method says of one recording. Empty classes: nothing is wrong, or nothing can be said. */
export interface Answer {
  readonly classes: readonly IncidentClass[];
  /** From the most to the least likely. */
  readonly causes: readonly { readonly fault: FaultKind; readonly at: Where; readonly confidence: number }[];
  readonly path: readonly Effect[];
}

export const NOTHING: Answer = { classes: [], causes: [], path: [] };

/** Numbers that a method was given, by name. All methods' were chosen in the same way: see search.ts. */
export type Chosen = Readonly<Record<string, number>>;

/** One of the methods that are compared. */
export interface Method {
  readonly name: string;
  /** One sentence: how it judges. */
  readonly about: string;
  /** For each number the values that it may have; the first one if nothing was searched. */
  readonly grid: Readonly<Record<string, readonly number[]>>;
  /** Reads a window and nothing else. */
  judge(window: Window, chosen: Chosen): Answer;
}

/** The first value of each number. */
export function firstOf({ grid }: Pick<Method, 'grid'>): Record<string, number> {
  return Object.fromEntries(Object.entries(grid).map(([name, values]) => [name, values[0]!]));
}
