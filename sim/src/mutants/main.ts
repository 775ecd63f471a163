import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import type { SeedPlan } from '../run/run-seed.js';
import { Lane } from './lane.js';
import type { Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { checkFit } from './plant.js';

const USAGE = `usage: node sim/dist/mutants/main.js [--mutant NAME,…] [--seeds N] [--seed S] [--seconds N] [--report FILE]

  --mutant NAME,…  only these: ${MUTANTS.map(({ name }) => name).join(', ')}
  --seeds N        how many seeds a mutant gets at most (default 50)
  --seed S         the first of them (default 1)
  --seconds N      simulated seconds of a seed before its faults end (default 15)

Exit status: 0 every mutant was caught, 1 one was not, 2 bad usage.`;

interface Catch {
  readonly mutant: Mutant;
  /** How many seeds it took; undefined: it was not caught. */
  readonly seeds: number | undefined;
  readonly seed: number;
  readonly invariant: string;
  /** Seeds in which the sound replica fails alike prove nothing, and are passed over. */
  readonly unsound: number;
}

async function hunt(mutant: Mutant, first: number, seeds: number, plan: SeedPlan): Promise<Catch> {
  const broken = new Lane(mutant.name, plan);
  let unsound = 0;
  try {
    for (let at = 0; at < seeds; at++) {
      const seed = first + at;
      const { invariant } = await broken.run(seed);
      if (invariant === undefined) continue;
      const sound = new Lane(undefined, plan);
      const control = await sound.run(seed);
      await sound.end();
      if (control.invariant === undefined) return { mutant, seeds: at + 1, seed, invariant, unsound };
      unsound++;
    }
    return { mutant, seeds: undefined, seed: 0, invariant: '', unsound };
  } finally {
    await broken.end();
  }
}

function line({ mutant, seeds, seed, invariant, unsound }: Catch): string {
  const passed = unsound === 0 ? '' : ` (${unsound} passed over: the sound replica fails there, too)`;
  const what = seeds === undefined ? `NOT CAUGHT: ${mutant.claim}` : `seed ${seed}: ${invariant}`;
  return `${mutant.name.padEnd(33)} ${what}${passed}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mutant: { type: 'string' },
      seeds: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '15' },
      report: { type: 'string' },
    },
  });
  const whole = (name: 'seeds' | 'seed' | 'seconds'): number => {
    if (!/^[1-9]\d{0,8}$/.test(values[name]))
      throw new TypeError(`--${name} ${values[name]}: a whole number is needed`);
    return Number(values[name]);
  };
  const [seeds, first, seconds] = [whole('seeds'), whole('seed'), whole('seconds')];
  const names = values.mutant?.split(',') ?? MUTANTS.map(({ name }) => name);
  const chosen = names.map((wanted) => {
    const mutant = MUTANTS.find(({ name }) => name === wanted);
    if (mutant === undefined) throw new TypeError(`--mutant ${wanted}: there is no such mutant`);
    return mutant;
  });
  for (const mutant of chosen) checkFit(mutant);
  const plan: SeedPlan = { steps: undefined, seconds, loaded: false, plan: undefined };
  const waiting = [...chosen];
  const caught: Catch[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const found = await hunt(mutant, first, seeds, plan);
      caught.push(found);
      console.log(line(found));
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism(), chosen.length) }, work));
  const needed = caught.map((each) => each.seeds ?? Infinity).sort((a, b) => a - b);
  const failed = needed.filter((each) => each === Infinity).length;
  console.log(`median ${needed[Math.floor((needed.length - 1) / 2)]} seeds`);
  console.log(`${caught.length - failed} passed, ${failed} failed`);
  if (values.report !== undefined)
    writeFileSync(values.report, JSON.stringify({ passed: caught.length - failed, failed }));
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
