import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** What one run of the simulator is asked for. */
export interface RunOptions {
  /** The first seed. */
  readonly seed: number;
  readonly seeds: number;
  /** Steps of a seed before its faults stop; undefined: 30 simulated seconds, however many steps those are. */
  readonly steps: number | undefined;
  /** Simulated seconds of a seed before its faults stop. */
  readonly seconds: number | undefined;
  readonly workers: number;
  /** Five sound replicas under 100 operations a second, instead of a world drawn from the seed. */
  readonly loaded: boolean;
  /** A world as JSON in a file; its seed is replaced. */
  readonly plan: string | undefined;
  /** A trace of `aegis chaos`: a file, or a name of its list. */
  readonly chaos: string | undefined;
  /** A file for what would have been scraped of one seed's replicas, a second apart. */
  readonly record: string | undefined;
  /** A file for the count, as JSON: `{passed, failed}`. */
  readonly report: string | undefined;
  /** Nothing more once a seed has failed. */
  readonly first: boolean;
  /** Every event of the seed as it happens. */
  readonly trace: boolean;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `usage: node sim/dist/main.js [--seed S] [--seeds N] [--steps N | --seconds N] [--workers N]
                            [--loaded | --plan FILE | --chaos TRACE] [--report FILE] [--record FILE] [--first] [--trace]

  --seed S      the first seed (default 1); alone it runs that seed only
  --seeds N     how many seeds, one after the other from S on (default 100)
  --steps N     end the faults of a seed after N steps
  --seconds N   end the faults of a seed after N simulated seconds (default 30)
  --workers N   how many seeds run at once (default: one a core)
  --loaded      five sound replicas under 100 operations a second, to measure the speed
  --plan FILE   the world that the JSON in FILE describes, instead of a drawn one
  --chaos TRACE what a trace of aegis chaos says happens, in each world to other members
  --report FILE write the count to FILE, as JSON
  --record FILE write what would have been scraped of the one seed's replicas to FILE: see docs/telemetry.md
  --first       stop at the first failure
  --trace       print each event of the seed as it happens

Each failure is one line of JSON on the standard output; its story goes to the standard error.
Exit status: 0 all passed, 1 some failed, 2 bad usage.`;

const MAX = 2 ** 31 - 1;

export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parsed(args);
  const whole = (name: 'seed' | 'seeds' | 'steps' | 'seconds' | 'workers'): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > MAX)
      throw new UsageError(`--${name} ${text}: a whole number from 1 to ${MAX} is needed`);
    return value;
  };
  const seed = whole('seed');
  const seeds = whole('seeds') ?? (seed === undefined ? 100 : 1);
  const first = seed ?? 1;
  if (first + seeds - 1 > MAX) throw new UsageError(`--seed ${first} --seeds ${seeds}: seeds end at ${MAX}`);
  const { loaded = false, trace = false, first: stop = false, plan, chaos, report, record } = values;
  if ([loaded || undefined, plan, chaos].filter((each) => each !== undefined).length > 1)
    throw new UsageError('--loaded, --plan and --chaos exclude each other');
  const [steps, seconds] = [whole('steps'), whole('seconds')];
  if (steps !== undefined && seconds !== undefined)
    throw new UsageError('--steps and --seconds exclude each other');
  if (trace && seeds > 1) throw new UsageError(`--trace follows one seed, and ${seeds} are asked for`);
  if (record !== undefined && seeds > 1)
    throw new UsageError(`--record follows one seed, and ${seeds} are asked for`);
  const workers = Math.min(whole('workers') ?? availableParallelism(), seeds);
  return {
    seed: first,
    seeds,
    steps,
    seconds,
    workers,
    loaded,
    plan,
    chaos,
    report,
    record,
    first: stop,
    trace,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        steps: { type: 'string' },
        seconds: { type: 'string' },
        workers: { type: 'string' },
        plan: { type: 'string' },
        chaos: { type: 'string' },
        report: { type: 'string' },
        record: { type: 'string' },
        loaded: { type: 'boolean' },
        first: { type: 'boolean' },
        trace: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
