import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { scrapeEvery, writeRecording, type Scrape } from '@aegis/agent/telemetry';
import { LocalStage, runTrace, startOwnCluster, type OwnCluster, type Trace } from '@aegis/client/chaos';
import type { Patch } from '@aegis/replica/settings';

import { traceOf, type Pair } from './table.js';

/** As the verifier's own windows. */
const SCRAPE_MS = 1_000;
/** What was started just now compiles its code first: the load alone goes before the trace. */
const WARM_UP_MS = 15_000;

export interface RecordOptions {
  readonly folder: string;
  /** Of the roles and the load; also a part of the names of the files. */
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Lets the trace of a pair happen to real processes on this machine, once under its settings and once with its patch, each time to a cluster
 * of its own. What is there already is kept.
 */
export async function recordPair(pair: Pair, { folder, seed, say, signal }: RecordOptions): Promise<void> {
  const trace = traceOf(pair);
  const sides = { before: pair.settings, after: { ...pair.settings, ...pair.patch } };
  mkdirSync(folder, { recursive: true });
  for (const [side, settings] of Object.entries(sides)) {
    const path = join(folder, `${pair.name}.${side}.${seed}.jsonl`);
    if (existsSync(path)) continue;
    say(`${pair.name}, ${side}: ${trace.durationMs / 1000} s`);
    writeFileSync(`${path}.part`, await recorded(trace, settings, seed, signal));
    renameSync(`${path}.part`, path);
  }
}

async function recorded(trace: Trace, settings: Patch, seed: number, signal: AbortSignal): Promise<string> {
  const own = await startOwnCluster({ replicas: trace.replicas, settings }, () => undefined, signal);
  const admin = own.connect();
  try {
    const stage = new LocalStage(own.folder, admin.cluster);
    const run = (part: Trace): Promise<unknown> =>
      runTrace(part, stage, { seed, connect: () => own.connect(), signal });
    await run({ ...trace, faults: [], durationMs: WARM_UP_MS });
    return await scraped(own, () => run(trace));
  } finally {
    await admin.close();
    await own.close();
  }
}

/** The metrics of all members while `work` lasts, as a file of telemetry. */
async function scraped({ folder }: OwnCluster, work: () => Promise<unknown>): Promise<string> {
  const members = folder.read()!.members;
  const pages = Object.fromEntries(
    members.map(({ name, metricsAddress }) => [name, `http://${metricsAddress}/metrics`]),
  );
  const scrapes: Scrape[] = [];
  const over = new AbortController();
  const scraping = scrapeEvery(pages, {
    everyMs: SCRAPE_MS,
    onScrape: (scrape) => scrapes.push(scrape),
    signal: over.signal,
  });
  try {
    await work();
  } finally {
    over.abort();
    await scraping;
  }
  const replicas = Object.fromEntries(members.map(({ name, id }) => [name, id]));
  return writeRecording({ replicas, scrapeMs: SCRAPE_MS, scrapes });
}
