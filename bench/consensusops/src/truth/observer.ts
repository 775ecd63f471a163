import { parentPort, workerData } from 'node:worker_threads';
import { scrapeEvery, type Scrape } from '@aegis/agent/telemetry';
import { sharedMs } from './clock.js';
import { watchDisks } from './disks.js';
import type { TruthLog } from './log.js';
import { watchNoise, type NoiseSample } from './noise.js';
import { watchStatuses } from './statuses.js';
import type { Target } from './target.js';

/** What the threads of the observer are given. */
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
  readonly truth: Pick<TruthLog, 'statuses' | 'disks'>;
  readonly noise: readonly NoiseSample[];
  /** Times are from `scrapeBeganMs` of the case. */
  readonly scrapes: readonly Scrape[];
  readonly scrapeBeganMs: number;
}

/** Any message ends it. It has a thread of its own, so that neither the load of the case nor the clients of clients.ts wait for it, or it for them. */
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
  const [statuses, disks, noise] = await Promise.all([
    watchStatuses(target, nowMs, signal),
    watchDisks(target, nowMs, signal),
    watchNoise(target, folder, nowMs, signal),
    scrape(),
  ]);
  return { truth: { statuses, disks }, noise, scrapes, scrapeBeganMs };
}

parentPort!.postMessage(await observe(workerData as ObserverTask));
