import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadEntry } from '../trace/trace.js';
import { keyWork } from './keys.js';
import { leaseWork } from './leases.js';
import { lockWork } from './locks.js';
import { pause, type Means, type Work } from './means.js';
import { watchWork } from './watches.js';

const RETRY_MS = 100;
/** How long the cleaning up may take. */
const END_MS = 5_000;

/** Runs the load until `means.over`. */
export async function runLoad(entry: LoadEntry, means: Means): Promise<void> {
  const { over } = means;
  const work = await workOf(entry, means);
  const perSecond = 'perSecond' in entry ? entry.perSecond : undefined;
  const client = async (index: number): Promise<void> => {
    // At a given pace a client asks at moments of its own, and never twice at once.
    const pauseMs = perSecond === undefined ? 0 : (1000 * entry.clients) / perSecond;
    let dueMs = performance.now() + means.random.fraction() * pauseMs;
    while (!over.aborted) {
      if (pauseMs > 0) {
        await pause(dueMs - performance.now(), over);
        if (over.aborted) return;
        dueMs = Math.max(dueMs + pauseMs, performance.now());
      }
      const beganMs = performance.now();
      try {
        const after = await work.once(index);
        means.ok(performance.now() - beganMs);
        await after?.();
      } catch (error) {
        if (over.aborted) return;
        means.failed(error);
        await pause(RETRY_MS, over);
      }
    }
  };
  await Promise.all(Array.from({ length: entry.clients }, (_, index) => client(index)));
  await Promise.race([
    Promise.resolve(work.end?.()).catch(() => undefined),
    sleep(END_MS, undefined, { ref: false }),
  ]);
}

async function workOf(entry: LoadEntry, means: Means): Promise<Work> {
  switch (entry.kind) {
    case 'puts':
    case 'gets':
    case 'mix':
      return keyWork(entry, means);
    case 'locks':
      return lockWork(entry, means);
    case 'leases':
      return leaseWork(entry, means);
    case 'watches':
      return watchWork(entry, means);
    case 'connections':
      return { once: () => connectAndAsk(means) };
  }
}

async function connectAndAsk(means: Means): Promise<void> {
  const client = means.connect();
  try {
    await client.kv.get('chaos/connections');
  } finally {
    await client.close();
  }
}
