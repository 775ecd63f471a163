import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@aegis/client';
import type { StatusSample } from './log.js';
import { runningPids, type Target } from './target.js';

const EVERY_MS = 100;
const ANSWER_MS = 1_000;

/** Asks every member for its status, over and over, one after the other so that all moments are seen by somebody. */
export async function watchStatuses(
  target: Target,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<StatusSample[]> {
  const { members, tls } = target;
  const endpoints = members.map(({ client }) => client);
  const client = connect({ endpoints, ...(tls === undefined ? {} : { tls }) });
  const samples: StatusSample[] = [];
  const asking = new Set<Promise<void>>();
  try {
    for (let dueMs = nowMs(); !signal.aborted; dueMs = Math.max(dueMs + EVERY_MS, nowMs())) {
      await sleep(Math.max(0, dueMs - nowMs()), undefined, { signal }).catch(() => undefined);
      const running = runningPids(target);
      for (const { id, client: endpoint } of members) {
        if (signal.aborted) break;
        const alive = running.has(id);
        const sentMs = nowMs();
        const asked = client.cluster.status(endpoint, ANSWER_MS).then(
          ({ term, role, leaderId: leader, commitIndex: commit, appliedIndex: applied }) => {
            const status = { term, role, leader, commit, applied };
            samples.push({ member: id, sentMs, endedMs: nowMs(), alive, status });
          },
          () => {
            samples.push({ member: id, sentMs, endedMs: nowMs(), alive });
          },
        );
        asking.add(asked);
        void asked.finally(() => asking.delete(asked));
        await sleep(EVERY_MS / members.length / 2);
      }
    }
    await Promise.all(asking);
  } finally {
    await client.close();
  }
  return samples.sort((a, b) => a.sentMs - b.sentMs);
}
