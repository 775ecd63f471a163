import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { attempt } from './attempt.js';
import { inputOf, seedsOf } from './campaign.js';
import { runOrder } from './pool.js';
import { TARGETS } from './targets/index.js';

const USAGE = `usage: node replica/dist/fuzz/main.js [--target NAME] [--inputs N] [--seed S] [--input NUMBER | --file PATH]

  --target NAME   one target only: ${TARGETS.map(({ name }) => name).join(', ')}
  --inputs N      how many inputs each target gets (default 20000)
  --seed S        where the inputs come from (default 1)
  --input NUMBER  run that one input of the target and seed again
  --file PATH     run the bytes in a file through the target
  --report PATH   write passed and failed as JSON
  --failures DIR  where failing inputs are kept (default .test/fuzz)

Exit status: 0 nothing found, 1 something found, 2 bad usage.`;

const PIECE = 20_000;

interface Sum {
  done: number;
  accepted: number;
  msMax: number;
  bytesMax: number;
  failed: boolean;
}

function options() {
  const { values } = parseArgs({
    options: {
      target: { type: 'string' },
      inputs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      input: { type: 'string' },
      file: { type: 'string' },
      report: { type: 'string' },
      failures: { type: 'string', default: '.test/fuzz' },
    },
  });
  const whole = (name: 'inputs' | 'seed' | 'input'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 0 || value > 2 ** 31 - 1)
      throw new TypeError(`--${name} ${values[name]}: a whole number from 0 to ${2 ** 31 - 1} is needed`);
    return value;
  };
  const targets =
    values.target === undefined ? TARGETS : TARGETS.filter(({ name }) => name === values.target);
  if (targets.length === 0) throw new TypeError(`--target ${values.target}: there is no such target`);
  const one = values.input !== undefined || values.file !== undefined;
  if (one && targets.length > 1) throw new TypeError('--input and --file need --target');
  return {
    ...values,
    targets,
    inputs: whole('inputs'),
    seed: whole('seed'),
    input: values.input === undefined ? undefined : whole('input'),
  };
}

async function main(): Promise<number> {
  const { targets, inputs, seed, input, file, report, failures } = options();
  if (input !== undefined || file !== undefined) return replay(targets[0]!.name, seed, input, file);
  const sums = new Map<string, Sum>();
  const orders = targets.flatMap(({ name }) => {
    sums.set(name, { done: 0, accepted: 0, msMax: 0, bytesMax: 0, failed: false });
    return Array.from({ length: Math.ceil(inputs / PIECE) }, (_, at) => ({
      target: name,
      seed,
      first: at * PIECE,
      inputs: Math.min(PIECE, inputs - at * PIECE),
    }));
  });
  const began = performance.now();
  const work = async (): Promise<void> => {
    for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
      const sum = sums.get(order.target)!;
      if (sum.failed) continue;
      const { counts, failure } = await runOrder(order);
      sum.done += failure === undefined ? order.inputs : failure.number - order.first;
      sum.accepted += counts.accepted;
      sum.msMax = Math.max(sum.msMax, counts.msMax);
      sum.bytesMax = Math.max(sum.bytesMax, counts.bytesMax);
      if (failure === undefined) continue;
      sum.failed = true;
      mkdirSync(failures, { recursive: true });
      const kept = join(failures, `${order.target}-${seed}-${failure.number}`);
      writeFileSync(kept, failure.smallest);
      console.error(
        `\n${order.target}: input ${failure.number} of seed ${seed}: ${failure.wrong}\n` +
          `smallest that fails alike: ${Buffer.from(failure.smallest).toString('base64') || '(not made)'}, kept in ${kept}\n` +
          `replay: make fuzz TARGET=${order.target} SEED=${seed} INPUT=${failure.number}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  let failed = 0;
  for (const [name, sum] of sums) {
    if (sum.failed) failed++;
    console.log(
      `${sum.failed ? 'FAILED' : 'passed'} ${name.padEnd(18)} ${sum.done} inputs, ${sum.accepted} accepted, ` +
        `at most ${sum.msMax.toFixed(0)} ms and ${(sum.bytesMax / 2 ** 20).toFixed(1)} MiB for one`,
    );
  }
  console.error(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  console.log(`${sums.size - failed} passed, ${failed} failed`);
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed: sums.size - failed, failed }));
  return failed > 0 ? 1 : 0;
}

async function replay(name: string, seed: number, number: number | undefined, file: string | undefined) {
  const target = TARGETS.find((each) => each.name === name)!;
  const bytes =
    file === undefined ? inputOf(target, await seedsOf(target), seed, number!) : readFileSync(file);
  const wrong = await attempt(target, bytes);
  console.log(wrong ?? `${bytes.length} bytes: nothing is wrong`);
  return wrong === undefined ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
