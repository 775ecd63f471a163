import { scrapeEvery, type Recording, type Scrape } from '@aegis/agent/telemetry';
import {
  LocalStage,
  runTrace,
  startOwnCluster,
  type OwnCluster,
  type RunResult,
  type Trace,
} from '@aegis/client/chaos';
import type { Patch } from '@aegis/replica/settings';

import type { Acted } from '../chaos/chaos.js';

/** As the verifier's own windows. */
const SCRAPE_MS = 1_000;
/** What was started just now compiles its code first: the load alone goes before the trace. */
const WARM_UP_MS = 15_000;

/** What was scraped while a trace ran, and what was done to whom. */
export interface Happened {
  readonly recording: Recording;
  readonly acted: Acted;
}

/** Lets a trace happen to a cluster of its own on this machine, which is gone afterwards. @param seed of the roles and the load */
export async function recordTrace(
  trace: Trace,
  settings: Patch,
  seed: number,
  signal: AbortSignal,
): Promise<Happened> {
  const own = await startOwnCluster({ replicas: trace.replicas, settings }, () => undefined, signal);
  const admin = own.connect();
  try {
    const stage = new LocalStage(own.folder, admin.cluster);
    const run = (part: Trace): Promise<RunResult> =>
      runTrace(part, stage, { seed, connect: () => own.connect(), signal });
    await run({ ...trace, faults: [], durationMs: WARM_UP_MS });
    return await scraped(own, () => run(trace));
  } finally {
    await admin.close();
    await own.close();
  }
}

/** The metrics of all members while `work` lasts. */
async function scraped({ folder }: OwnCluster, work: () => Promise<RunResult>): Promise<Happened> {
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
  let done: RunResult;
  try {
    done = await work();
  } finally {
    over.abort();
    await scraping;
  }
  const replicas = Object.fromEntries(members.map(({ name, id }) => [name, id]));
  return {
    recording: { replicas, scrapeMs: SCRAPE_MS, scrapes },
    acted: { roles: done.roles, done: done.done },
  };
}
