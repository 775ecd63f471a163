import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient } from '@aegis/proto/v1/kv';
import { channelCredentials, channelOptions } from '@aegis/client/channel';
import { Metadata } from '@grpc/grpc-js';
import type { Call } from './log.js';
import type { Target } from './target.js';

/** So often that the slowest twentieth of a second's calls is not just the slowest. */
const EVERY_MS = 50;
const ANSWER_MS = 3_000;
/** Calls that one waits for at once: those that the time of an answer holds. */
const OPEN_MAX = ANSWER_MS / EVERY_MS;
const VALUE = Buffer.alloc(64, 'v');

/** One client for each member that knows that member alone, and writes twenty times a second, whatever became of the last write. */
export async function call(
  { members, tls }: Target,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<Call[]> {
  const calls: Call[] = [];
  await Promise.all(
    members.map(async ({ id, client: endpoint }) => {
      const kv = new KVClient(endpoint, channelCredentials(tls), channelOptions(endpoint));
      const open = new Set<Promise<void>>();
      const request = { key: Buffer.from(`truth/${id}`), value: VALUE, lease: '0', prevKv: false };
      for (let dueMs = nowMs() + 10 * id; !signal.aborted; dueMs = Math.max(dueMs + EVERY_MS, nowMs())) {
        await sleep(Math.max(0, dueMs - nowMs()), undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        const beganMs = nowMs();
        if (open.size > OPEN_MAX) continue;
        const done = new Promise<void>((resolve) => {
          const options = { deadline: Date.now() + ANSWER_MS };
          const put = { ...request, ignoreValue: false, ignoreLease: false };
          kv.put(put, new Metadata(), options, (failure) => {
            calls.push({ via: id, beganMs, ...(failure === null ? { tookMs: nowMs() - beganMs } : {}) });
            resolve();
          });
        });
        open.add(done);
        void done.finally(() => open.delete(done));
      }
      await Promise.all(open);
      kv.close();
    }),
  );
  return calls.sort((a, b) => a.beganMs - b.beganMs);
}
