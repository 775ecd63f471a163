import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runSeeds, type Outcome } from './campaign.js';
import { describeDifference } from './compare.js';
import { Worker } from './crew.js';
import { runMutants } from './mutant-run.js';
import { fileURLToPath } from 'node:url';
import { buildProgram, GoError } from '../go/program.js';
import { shrink } from './shrink.js';

/** With so many steps, a situation that never came up is a hole in the schedules, and counts as a failure. */
const STEPS_THAT_REACH_ALL = 500_000;

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    without: { type: 'string', default: '' },
    mutant: { type: 'string', default: '' },
    report: { type: 'string' },
    mutants: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'steps' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new GoError(`${name.toUpperCase()} must be a whole number above 0, not "${values[name]}".`);
}

async function compareCores(program: string): Promise<boolean> {
  const without = values.without.split(',').filter((name) => name !== '');
  const steps = wholeNumber('steps');
  const firstSeed = wholeNumber('seed');
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(program, values.mutant));
  const began = performance.now();
  let told = began;
  const progress = (outcome: Outcome) => {
    if (performance.now() - told < 5000) return;
    told = performance.now();
    console.log(
      `${outcome.steps} steps, ${outcome.passed} schedules alike, ${outcome.differences.length} different`,
    );
  };
  const outcome = await runSeeds(workers, { firstSeed, steps, without, progress });
  const seconds = (performance.now() - began) / 1000;

  for (const difference of outcome.differences.slice(0, 3)) {
    const shrunk = await shrink(workers[0]!, difference, without);
    console.log(`\n${describeDifference(shrunk.difference, shrunk.without, values.mutant)}`);
  }
  for (const { seed, step } of outcome.differences.slice(3))
    console.log(`\nseed ${seed} differs, too, at step ${step}`);
  for (const worker of workers) worker.end();

  console.log(`\nreached:\n${outcome.coverage.table()}`);
  for (const [text, times] of outcome.endings)
    console.log(`  ${times} schedules ended so on both sides: ${text}`);
  const missing = steps >= STEPS_THAT_REACH_ALL ? outcome.coverage.missing() : [];
  for (const situation of missing) console.log(`never reached, so nothing is proved about it: ${situation}`);
  console.log(
    `\n${outcome.steps} steps in ${seconds.toFixed(1)} s: ${Math.round(outcome.steps / seconds)} steps a second`,
  );
  return report(outcome.passed, outcome.differences.length + missing.length);
}

function report(passed: number, failed: number): boolean {
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failed }));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

try {
  const program = buildProgram(fileURLToPath(new URL('../../oracle', import.meta.url)));
  const good = values.mutants ? await runMutants(program, report) : await compareCores(program);
  process.exitCode = good ? 0 : 1;
} catch (error) {
  if (!(error instanceof GoError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
