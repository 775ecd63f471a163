import { Worker } from 'node:worker_threads';

import type { Ended, Order } from './worker.js';

/** An input that keeps a thread for so long hangs. */
const HANG_MS = 10_000;
/** Of a thread: what all inputs of an order may hold at once. */
const HEAP_MB = 512;

/** Runs one order on a thread of its own, which does not survive an input that hangs, crashes or eats all memory. */
export function runOrder(order: Omit<Order, 'watched'>): Promise<Ended> {
  const watched = new SharedArrayBuffer(8);
  const now = new Int32Array(watched);
  now[0] = order.first - 1;
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...order, watched } satisfies Order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise((resolve) => {
    let last = -1;
    let since = performance.now();
    const died = (wrong: string): void => {
      clearInterval(watch);
      void worker.terminate();
      const counts = { accepted: 0, msMax: 0, bytesMax: 0 };
      resolve({ counts, failure: { number: now[0]!, wrong, smallest: new Uint8Array() } });
    };
    const watch = setInterval(() => {
      if (now[0] !== last || now[1] === 1) {
        last = now[0]!;
        since = performance.now();
      } else if (performance.now() - since > HANG_MS && last >= order.first)
        died(`hangs for more than ${HANG_MS} ms`);
    }, 500);
    worker.once('message', (ended: Ended) => {
      clearInterval(watch);
      void worker.terminate();
      resolve(ended);
    });
    worker.once('error', (error) =>
      died(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  });
}
