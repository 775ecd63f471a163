import { parentPort, workerData } from 'node:worker_threads';
import { call } from './callers.js';
import { sharedMs } from './clock.js';
import { keepLeases } from './keepers.js';
import type { TruthLog } from './log.js';
import type { ObserverTask } from './observer.js';

/** What clients of one member each saw. */
export type Clients = Pick<TruthLog, 'calls' | 'keepers'>;

/** Any message ends it. It does nothing else, so that what an answer took is the cluster's time and not that of who reads pages of metrics. */
async function ask({ target, originMs }: ObserverTask): Promise<Clients> {
  const over = new AbortController();
  parentPort!.once('message', () => over.abort());
  const nowMs = (): number => sharedMs() - originMs;
  const [calls, keepers] = await Promise.all([
    call(target, nowMs, over.signal),
    keepLeases(target, nowMs, over.signal),
  ]);
  return { calls, keepers };
}

parentPort!.postMessage(await ask(workerData as ObserverTask));
