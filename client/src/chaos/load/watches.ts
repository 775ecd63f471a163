import { randomBytes } from 'node:crypto';
import type { KvWatch } from '../../kv/kv-watch.js';
import type { LoadEntry } from '../trace/trace.js';
import { pause, type Means, type Work } from './means.js';

const PREFIX = 'chaos/watched/';
/** Who did not see a change by then has missed it, for what is counted. */
const SEEN_MS_MAX = 10_000;

/** Watchers of one prefix, in which one key is set over and over. What is timed is from the put to each watcher's event. */
export function watchWork(
  { everyMs, valueBytes }: Extract<LoadEntry, { kind: 'watches' }>,
  { connections, ok, failed, over }: Means,
): Work {
  const filler = randomBytes(valueBytes).toString('latin1');
  const beganMs = new Map<number, number>();
  const watches: KvWatch[] = [];
  let number = 0;
  const writer = async (): Promise<void> => {
    while (!over.aborted) {
      const nth = ++number;
      beganMs.set(nth, performance.now());
      beganMs.delete(nth - Math.ceil(SEEN_MS_MAX / everyMs));
      await connections[0]!.kv
        .put(`${PREFIX}key`, `${nth} ${filler}`.slice(0, Math.max(8, valueBytes)))
        .catch(failed);
      await pause(everyMs, over);
    }
  };
  const writing = writer();
  return {
    // A client watches until the end: its events are counted as they come.
    once: async (index) => {
      const watch = connections[index % connections.length]!.kv.watch({ prefix: PREFIX });
      watches.push(watch);
      over.addEventListener('abort', () => void watch.return(), { once: true });
      for await (const { events } of watch) {
        for (const event of events) {
          const began = beganMs.get(
            Number.parseInt(Buffer.from(event.kv?.value ?? []).toString('latin1'), 10),
          );
          if (began !== undefined) ok(performance.now() - began);
        }
      }
    },
    end: async () => {
      await writing;
      await Promise.all(watches.map((watch) => watch.return()));
    },
  };
}
