import { runSeeds } from './campaign.js';
import { Worker } from './crew.js';
import { mutants } from './mutants.js';

const STEPS_PER_MUTANT = 500_000;

/** Breaks our core in one way after the other, and counts the steps until the library disagrees. */
export async function runMutants(
  program: string,
  report: (passed: number, failed: number) => boolean,
): Promise<boolean> {
  let caught = 0;
  for (const { name } of mutants) {
    const worker = new Worker(program, name);
    let steps = 0;
    let seed = 1;
    let seen = false;
    for (; !seen && steps < STEPS_PER_MUTANT; seed++) {
      const order = { firstSeed: seed, steps: 1, without: [], progress: () => {} };
      const { differences, steps: ran } = await runSeeds([worker], order);
      seen = differences.length > 0;
      steps += differences[0]?.step ?? ran;
    }
    worker.end();
    if (seen) caught++;
    console.log(
      `${seen ? `seen after ${steps} steps, seed ${seed - 1}` : `NOT SEEN in ${steps} steps`}: ${name}`,
    );
  }
  return report(caught, mutants.length - caught);
}
