import { actionNames } from './actions.js';
import type { Difference } from './compare.js';
import type { Worker } from './crew.js';

/**
 * Looks for a shorter way to a difference of the same seed by switching kinds of events off, one after the other, each
 * for good if what is left still differs and not later. A schedule ends with its difference, so its tail needs no cut.
 */
export async function shrink(
  worker: Worker,
  found: Difference,
  without: readonly string[],
): Promise<{ difference: Difference; without: string[] }> {
  let best = { difference: found, without: [...without] };
  for (const name of ['loss', 'duplicate', 'reorder', ...actionNames]) {
    if (best.without.includes(name)) continue;
    const tried = [...best.without, name];
    const { differences } = await worker.run({ first: found.seed, count: 1, without: tried });
    const [difference] = differences;
    if (difference !== undefined && difference.step <= best.difference.step)
      best = { difference, without: tried };
  }
  return best;
}
