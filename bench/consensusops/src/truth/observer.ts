import { parentPort, workerData } from 'node:worker_threads';
import { scrapeEvery, type Scrape } from '@aegis/agent/telemetry';
import { call } from './callers.js';
import { sharedMs } from './clock.js';
import { watchDisks } from './disks.js';
import { keepLeases } from './keepers.js';
import type { TruthLog } from './log.js';
import { watchNoise, type NoiseSample } from './noise.js';
import { watchStatuses } from './statuses.js';
import type { Target } from './target.js';

/** What the thread of the observer is given. */
export interface ObserverTask {
  readonly target: Target;
  /** Where the disk is probed. */
  readonly folder: string;
  /** When the case begins, by `sharedMs`: all times are from there. */
  readonly originMs: number;
  /** When scraping begins, in milliseconds of the case: clients are warm by then. */
  readonly scrapeFromMs: number;
  readonly scrapeMs: number;
}

/** What it says in the end. */
export interface Observed {
  readonly truth: Pick<TruthLog, 'statuses' | 'disks' | 'calls' | 'keepers'>;
  readonly noise: readonly NoiseSample[];
  /** Times are from `scrapeBeganMs` of the case. */
  readonly scrapes: readonly Scrape[];
  readonly scrapeBeganMs: number;
}

/** Any message ends it. It has a thread of its own, so that the load of the case cannot hold up who looks on. */
async function observe({
  target,
  folder,
  originMs,
  scrapeFromMs,
  scrapeMs,
}: ObserverTask): Promise<Observed> {
  const over = new AbortController();
  parentPort!.once('message', () => over.abort());
  const { signal } = over;
  const nowMs = (): number => sharedMs() - originMs;
  const scrapes: Scrape[] = [];
  let scrapeBeganMs = 0;
  const scrape = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, scrapeFromMs - nowMs())));
    const pages = Object.fromEntries(
      target.members.map(({ name, metrics }) => [name, `http://${metrics}/metrics`]),
    );
    scrapeBeganMs = nowMs();
    await scrapeEvery(pages, { everyMs: scrapeMs, onScrape: (each) => scrapes.push(each), signal });
  };
  const [statuses, disks, calls, keepers, noise] = await Promise.all([
    watchStatuses(target, nowMs, signal),
    watchDisks(target, nowMs, signal),
    call(target, nowMs, signal),
    keepLeases(target, nowMs, signal),
    watchNoise(target, folder, nowMs, signal),
    scrape(),
  ]);
  return { truth: { statuses, disks, calls, keepers }, noise, scrapes, scrapeBeganMs };
}

parentPort!.postMessage(await observe(workerData as ObserverTask));
