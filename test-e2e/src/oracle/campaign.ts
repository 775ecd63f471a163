import { Coverage } from './coverage.js';
import type { Difference } from './compare.js';
import type { Worker } from './crew.js';

/** Seeds that one job runs: enough to keep both sides busy, few enough to stop soon. */
const SEEDS_PER_JOB = 32;
/** A run with so many failures needs no more of them. */
const ENOUGH_FAILURES = 10;

export interface Order {
  firstSeed: number;
  /** Steps to run at least; whole schedules are run. */
  steps: number;
  without: string[];
  /** Called after each job. */
  progress: (outcome: Outcome) => void;
}

export interface Outcome {
  steps: number;
  passed: number;
  /** Differences by ascending seed. */
  differences: Difference[];
  coverage: Coverage;
  endings: Map<string, number>;
}

/** Runs seeds from `firstSeed` on until there were enough steps, on all workers at once. */
export async function runSeeds(workers: readonly Worker[], order: Order): Promise<Outcome> {
  const outcome: Outcome = {
    steps: 0,
    passed: 0,
    differences: [],
    coverage: new Coverage(),
    endings: new Map(),
  };
  // A single schedule must not become a whole job: it may be a replay.
  const count = order.steps === 1 ? 1 : SEEDS_PER_JOB;
  let next = order.firstSeed;
  await Promise.all(
    (count === 1 ? workers.slice(0, 1) : workers).map(async (worker) => {
      while (outcome.steps < order.steps && outcome.differences.length < ENOUGH_FAILURES) {
        const first = next;
        next += count;
        const result = await worker.run({ first, count, without: order.without });
        outcome.steps += result.steps;
        outcome.passed += result.passed;
        outcome.differences.push(...result.differences);
        outcome.coverage.add(result.counts);
        for (const [text, times] of Object.entries(result.endings)) {
          outcome.endings.set(text, (outcome.endings.get(text) ?? 0) + times);
        }
        order.progress(outcome);
      }
    }),
  );
  outcome.differences.sort((a, b) => a.seed - b.seed);
  return outcome;
}
