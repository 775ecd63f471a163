import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Observed, ObserverTask } from './observer.js';

/** Somebody who looks on until told to stop. */
export interface Observer {
  stop(): Promise<Observed>;
}

export function startObserver(task: ObserverTask): Observer {
  const worker = new Worker(new URL('./observer.js', import.meta.url), { workerData: task });
  const result = once(worker, 'message') as Promise<[Observed]>;
  // Whoever stops it is told.
  result.catch(() => undefined);
  return {
    stop: async () => {
      worker.postMessage('stop');
      const [observed] = await result;
      await worker.terminate();
      return observed;
    },
  };
}
