import { loadTrace, type Trace } from '@aegis/client/chaos';
import { writeRecording } from '@aegis/agent/telemetry';
import { readFileSync, writeFileSync } from 'node:fs';

import type { WorldPlan } from './plan/plan.js';
import { readOptions, type RunOptions, USAGE, UsageError } from './run/options.js';
import { runPool } from './run/pool.js';
import { eventLine, RunReport } from './run/report.js';
import { runSeed, type SeedPlan } from './run/run-seed.js';
import type { Outcome } from './world/world.js';

const SCRAPE_MS = 1000;

function* seedsOf({ seed, seeds }: RunOptions): Generator<number> {
  for (let at = 0; at < seeds; at++) yield seed + at;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { steps, seconds, loaded, workers, first, trace } = options;
  const plan: SeedPlan = {
    steps,
    seconds,
    loaded,
    plan: readPlan(options.plan),
    chaos: readChaos(options.chaos),
    scrapeMs: options.record === undefined ? undefined : SCRAPE_MS,
  };
  const report = new RunReport(options);
  const ended = (outcome: Outcome): boolean => {
    report.add(outcome);
    if (options.record !== undefined) writeFileSync(options.record, writeRecording(outcome.recording!));
    return !(first && report.count.failed > 0);
  };
  if (trace) ended(await runSeed(options.seed, plan, (event) => console.error(eventLine(event))));
  else
    await runPool<number, Outcome>({
      workers,
      file: new URL('run/worker.js', import.meta.url),
      data: plan,
      jobs: seedsOf(options),
      nameOf: (seed) => `seed ${seed}`,
      ended,
    });
  report.end();
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(report.count));
  return report.count.failed > 0 ? 1 : 0;
}

function readPlan(file: string | undefined): WorldPlan | undefined {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WorldPlan;
  } catch (error) {
    throw new UsageError(`--plan ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readChaos(which: string | undefined): Trace | undefined {
  try {
    return which === undefined ? undefined : loadTrace(which);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}
