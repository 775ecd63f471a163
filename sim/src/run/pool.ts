import { Worker } from 'node:worker_threads';

import type { Outcome } from '../world/world.js';
import type { SeedPlan } from './run-seed.js';

/** Most of what a world makes is garbage within a few simulated seconds: with room for it, next to nothing is copied. */
const YOUNG_MB = 192;

export interface PoolParts {
  readonly workers: number;
  readonly seeds: Iterator<number>;
  readonly plan: SeedPlan;
  /** Told of each outcome as it comes. False: no more seeds. */
  readonly ended: (outcome: Outcome) => boolean;
}

/** Runs seeds on threads, each as soon as one is free. Rejects if a thread dies, naming its seed. */
export async function runPool({ workers, seeds, plan, ended }: PoolParts): Promise<void> {
  let over = false;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('./worker.js', import.meta.url), {
        workerData: plan,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      });
      let current = 0;
      const next = (): void => {
        const { value, done } = over ? { value: 0, done: true } : seeds.next();
        if (done === true) {
          void thread.terminate().then(() => resolve());
          return;
        }
        current = value;
        thread.postMessage(value);
      };
      thread.on('message', (outcome: Outcome) => {
        if (!over && !ended(outcome)) over = true;
        next();
      });
      thread.on('error', (error) => {
        over = true;
        reject(
          new Error(
            `seed ${current} ended its thread: ${error instanceof Error ? error.stack : String(error)}`,
          ),
        );
      });
      next();
    });
  await Promise.all(Array.from({ length: workers }, work));
}
