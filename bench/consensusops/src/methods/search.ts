import type { Window } from '@aegis/agent/telemetry';
import type { Label } from '../labels/index.js';
import { firstOf, type Chosen, type Method } from './method.js';
import { isExact, isTop } from '../score/match.js';

export interface Shown {
  readonly label: Label;
  readonly window: Window;
}

/** Rounds over all numbers: a second one, for what the first changed. */
const ROUNDS = 2;

/**
 * The same for every method: one number after the other, each value of its grid, keeping the first that is best; twice over all. What
 * counts is how many cases are right in their classes, controls too, and then in their first cause.
 */
export function search(method: Method, shown: readonly Shown[]): Chosen {
  let chosen: Record<string, number> = firstOf(method);
  let best = right(method, shown, chosen);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, values] of Object.entries(method.grid)) {
      for (const value of new Set(values)) {
        if (value === chosen[name]) continue;
        const tried = { ...chosen, [name]: value };
        const score = right(method, shown, tried);
        if (score > best) [chosen, best] = [tried, score];
      }
    }
  }
  return chosen;
}

function right(method: Method, shown: readonly Shown[], chosen: Chosen): number {
  return shown.reduce((total, { label, window }) => {
    const answer = method.judge(window, chosen);
    return (
      total +
      (isExact(answer, label) ? 1 : 0) +
      (label.cause !== null && isTop(answer, label.cause, 1) ? 0.5 : 0)
    );
  }, 0);
}
