import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Clients } from './clients.js';
import type { Observed, ObserverTask } from './observer.js';

/** All that was seen: by who looks on, and by clients. */
export type Seen = Omit<Observed, 'truth'> & { readonly truth: Observed['truth'] & Clients };

/** Somebody who looks on until told to stop. */
export interface Observer {
  stop(): Promise<Seen>;
}

export function startObserver(task: ObserverTask): Observer {
  const looks = startThread<Observed>('./observer.js', task);
  const clients = startThread<Clients>('./clients.js', task);
  return {
    stop: async () => {
      const [{ truth, ...rest }, seen] = await Promise.all([looks(), clients()]);
      return { ...rest, truth: { ...truth, ...seen } };
    },
  };
}

/** @returns what ends it, and says what it has to say */
function startThread<T>(file: string, task: ObserverTask): () => Promise<T> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task });
  const result = once(worker, 'message') as Promise<[T]>;
  // Whoever stops it is told.
  result.catch(() => undefined);
  return async () => {
    worker.postMessage('stop');
    const [said] = await result;
    await worker.terminate();
    return said;
  };
}
