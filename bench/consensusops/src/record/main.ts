import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TraceError } from '@aegis/client/chaos';
import { FileError } from '../labels/index.js';
import { templates } from '../schedule/index.js';
import { recordSet } from './record-set.js';
import { SetFolder } from './set-folder.js';

const SETS = fileURLToPath(new URL('../../../../consensusops/sets', import.meta.url));
const USAGE = `usage: make bench-record SEED=n [COUNT=12] [CONTROLS=4] [OUT=NAME] [TRACES=DIR] [HELD_OUT=1] [ANY_NOISE=1]
A set is recorded into bench/consensusops/sets/NAME, and gone on with where it was left. HELD_OUT=1 draws from the held-out templates, too.
ANY_NOISE=1 takes up what a busy machine has recorded; the set says so, and its figures say nothing.`;

class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      count: { type: 'string', default: '12' },
      controls: { type: 'string', default: '4' },
      traces: { type: 'string' },
      out: { type: 'string' },
      'held-out': { type: 'boolean', default: false },
      'any-noise': { type: 'boolean', default: false },
    },
  });
  const seed = whole('SEED', values.seed, 0, 2 ** 31 - 1);
  const name = values.out ?? `fresh-${seed}`;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
    throw new UsageError('OUT has to be a name of small letters, digits and dashes');
  const all = templates(values.traces === undefined ? undefined : resolve(values.traces));
  const incidents = all.incidents.filter(({ heldOut }) => values['held-out'] || !heldOut);
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const guarded = !values['any-noise'];
  const folder = new SetFolder(join(SETS, name), name, seed, guarded);
  const plan = {
    seed,
    guarded,
    incidents: whole('COUNT', values.count, 0, 500),
    controls: whole('CONTROLS', values.controls, 0, 500),
    templates: { incidents, controls: all.controls },
  };
  await recordSet(plan, folder, say, stopped.signal);
  const { cases, rejections } = folder.labels;
  say(`${name}: ${cases.length} recorded, ${rejections.length} not taken up`);
  process.exitCode = stopped.signal.aborted ? 130 : 0;
}

function whole(name: string, text: string | undefined, min: number, max: number): number {
  if (text === undefined) throw new UsageError(`${name} is missing`);
  const number = Number(text);
  if (text === '' || !Number.isSafeInteger(number) || number < min || number > max)
    throw new UsageError(`${name} has to be a whole number of ${min} to ${max}, not ${text}`);
  return number;
}

try {
  await main();
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n${USAGE}\n`);
  else if (error instanceof FileError || error instanceof TraceError)
    process.stderr.write(`${error.message}\n`);
  else throw error;
  process.exitCode = 2;
}
