import type { Trace } from '@aegis/client/chaos';
import { inRealTurn } from '@aegis/replica/sim';

import { planOfTrace } from '../chaos/plan-of-trace.js';
import { drawPlan, loadedPlan } from '../plan/draw.js';
import type { WorldPlan } from '../plan/plan.js';
import type { TraceEvent } from '../world/trace.js';
import { type Outcome, World } from '../world/world.js';

/** What a worker needs to know to run any seed. */
export interface SeedPlan {
  readonly steps: number | undefined;
  readonly seconds: number | undefined;
  readonly loaded: boolean;
  readonly plan: WorldPlan | undefined;
  /** Instead of a plan: what happens in each world, at which moment. */
  readonly chaos?: Trace | undefined;
  /** Scrapes are recorded, so many milliseconds apart. */
  readonly scrapeMs?: number | undefined;
}

export function planOf(seed: number, { steps, seconds, loaded, plan, chaos, scrapeMs }: SeedPlan): WorldPlan {
  const drawn = chaos !== undefined ? planOfTrace(chaos, seed) : loaded ? loadedPlan(seed) : drawPlan(seed);
  return {
    ...(plan ?? drawn),
    seed,
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    ...(scrapeMs === undefined ? {} : { scrapeMs }),
    ...(steps === undefined ? {} : { durationMs: Infinity, steps }),
  };
}

/** Runs one world from its beginning to its end, in one turn of the real event loop. Never rejects. */
export async function runSeed(
  seed: number,
  seeds: SeedPlan,
  listen?: (event: TraceEvent) => void,
): Promise<Outcome> {
  const world = new World(planOf(seed, seeds));
  if (listen !== undefined) world.trace.listen = listen;
  // A promise that nobody waits for has failed: whoever made it lost an error.
  const lost = (error: unknown): void =>
    world.report(
      'no exception',
      `unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  process.on('unhandledRejection', lost);
  try {
    return await inRealTurn(() => world.run());
  } finally {
    process.off('unhandledRejection', lost);
  }
}
