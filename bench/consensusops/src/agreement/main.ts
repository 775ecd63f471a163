import { parseArgs } from 'node:util';
import { RecordingError } from '@aegis/agent/telemetry';
import { resolveSettings } from '@aegis/replica/settings';
import { simulated } from '@aegis/sim/verify';
import { FileError } from '../labels/index.js';
import { templates } from '../schedule/index.js';
import { isSimulated, saidOf, sameClasses, sameFirst, type Said } from './agreement.js';
import { realOf } from './real.js';

const USAGE = `usage: node bench/dist/consensusops/src/agreement/main.js [--trace NAME,…] [--record DIR] [--seed N]
  --trace   only these; default: all that sets are drawn from, but for those that are held out
  --record  compare with recordings of real processes in this folder; what is not there is recorded first, a minute and a half
            a trace, on a machine with nothing else to do. Default: only what is simulated is shown
  --seed    of the roles and the load. Default: 1`;

const SCRAPE_MS = 1_000;
const SEED_MAX = 2 ** 31 - 1;

/** Exit codes: 0 done, whatever it shows; 2 wrong usage or a file that is damaged; 130 ended. */
async function main(args: readonly string[]): Promise<number> {
  const given = options(args);
  if (given === undefined) return 2;
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  const { traces, seed, record } = given;
  console.log(line('trace', 'real', 'simulated', 'classes', 'first cause'));
  console.log(line('---', '---', '---', '---', '---'));
  const rows: { readonly counts: boolean; readonly agrees: boolean }[] = [];
  for (const trace of traces) {
    const settings = resolveSettings('all', trace.settings);
    const world = await simulated(
      { trace, surroundings: undefined, scrapeMs: SCRAPE_MS },
      { seed, settings },
    );
    if (world.violation !== undefined) throw new Error(`${trace.name}: ${world.violation}`);
    const there = saidOf(trace, world);
    const here =
      record === undefined ? undefined : saidOf(trace, await realOf(trace, record, seed, ended.signal));
    const counts = isSimulated(trace);
    const same = { classes: false, first: false };
    if (here !== undefined) {
      same.classes = sameClasses(here, there);
      same.first = sameFirst(here, there);
      rows.push({ counts, agrees: same.classes && same.first });
    }
    const cells = [counts ? trace.name : `${trace.name} (without a bar)`, textOf(here), textOf(there)];
    const agreement = [same.classes, same.first].map((each) =>
      here === undefined ? '–' : each ? 'same' : 'no',
    );
    console.log(line(...cells, ...agreement));
  }
  const share = (counts: boolean): string => {
    const some = rows.filter((row) => row.counts === counts);
    return `${some.filter(({ agrees }) => agrees).length} of ${some.length}`;
  };
  console.log(
    record === undefined
      ? '\nNo real processes were looked at (--record DIR).'
      : `\nNetworks, disks, processes that stand, clocks: ${share(true)} agree in classes and first cause. Others: ${share(false)}.`,
  );
  return 0;
}

const line = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function textOf(said: Said | undefined): string {
  if (said === undefined) return '–';
  const { classes, first, right } = said;
  return `${classes.join(', ') || 'none'}: ${first ?? 'no cause'}${right ? '' : ' (wrong)'}`;
}

function options(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        trace: { type: 'string' },
        record: { type: 'string' },
        seed: { type: 'string', default: '1' },
      },
    });
    const seed = Number(values.seed);
    if (!/^\d+$/.test(values.seed) || seed < 1 || seed > SEED_MAX)
      throw new Error(`--seed ${values.seed}: a whole number from 1 to ${SEED_MAX} is needed`);
    const all = templates()
      .incidents.filter(({ heldOut }) => !heldOut)
      .map(({ trace }) => trace);
    const traces = values.trace?.split(',').map((name) => {
      const found = all.find((each) => each.name === name);
      if (found === undefined)
        throw new Error(`--trace ${name}: there are ${all.map((each) => each.name).join(', ')}`);
      return found;
    });
    return { traces: traces ?? all, seed, record: values.record };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return undefined;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const ended = error instanceof Error && error.name === 'AbortError';
  if (!ended && !(error instanceof FileError || error instanceof RecordingError)) throw error;
  process.stderr.write(`${ended ? 'ended' : (error as Error).message}\n`);
  process.exitCode = ended ? 130 : 2;
}
