import { LockLostError, type Client } from '@aegis/client';
import { beforeAll, expect } from '@jest/globals';
import { fileURLToPath } from 'node:url';

import { eventually, nowMs, within } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { ProxiedTransport } from '../harness/proxied-transport.js';
import { TestBed } from '../harness/test-bed.js';

const TTL_MS = 2_500;
/** Lease time may run up to STEP behind, and everything here shares two cores. */
const PASSES_ON_MS_MAX = TTL_MS + 4_000;

const bed = new TestBed();
let cluster: Cluster;
let other: Client;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  other = cluster.connect();
}, 60_000);

/** Queues for a lock; resolves when it is in the queue. */
async function queueFor(lock: string): Promise<{ granted: Promise<{ atMs: number; token: number }> }> {
  const granted = other
    .lock(lock)
    .acquire()
    .then(({ token }) => ({ atMs: nowMs(), token }));
  granted.catch(() => {});
  await eventually('the queue', 5_000, async () =>
    (await other.describeLock(lock)).waiterCount === 1 ? true : undefined,
  );
  return { granted };
}

for (const how of ['silent', 'reset'] as const) {
  bed.scenario(
    `a client whose network is cut (${how}) aborts before anyone else holds the lock`,
    30_000,
    async () => {
      const transport = await ProxiedTransport.before(cluster.endpoints);
      bed.atEnd(() => transport.close());
      const client = cluster.connect({ transport });
      const lock = `cut-${how}`;
      const held = await client.session(TTL_MS).lock(lock).acquire();
      const { granted } = await queueFor(lock);
      let abortedMs = Number.NaN;
      held.signal.addEventListener('abort', () => {
        abortedMs = nowMs();
      });
      expect(held.valid).toBe(true);

      const cutMs = nowMs();
      transport.cut(how);
      const next = await within('the lock passing on', PASSES_ON_MS_MAX, granted);
      expect(abortedMs).toBeLessThan(next.atMs);
      expect(abortedMs - cutMs).toBeLessThan(TTL_MS);
      expect(held.valid).toBe(false);
      expect(held.signal.reason).toBeInstanceOf(LockLostError);
      expect(next.token).toBeGreaterThan(held.token);

      // What was cut off does not come back to life with the network.
      transport.mend();
      expect(await held.release()).toBe(false);
      expect((await client.session(TTL_MS).lock(`${lock}-after`).acquire()).valid).toBe(true);
    },
  );
}

bed.scenario('a client that is cut off for less than its TTL keeps the lock', 30_000, async () => {
  const transport = await ProxiedTransport.before(cluster.endpoints);
  bed.atEnd(() => transport.close());
  const held = await cluster.connect({ transport }).session(6_000).lock('cut-briefly').acquire();
  const startedMs = nowMs();
  transport.cut('reset');
  await eventually('a second passing', 2_000, () => (nowMs() > startedMs + 1_000 ? true : undefined));
  transport.mend();
  await eventually('keepalives going on', 12_000, () => {
    if (!held.valid) throw new Error(`lost: ${held.lost?.message}`);
    return nowMs() > startedMs + 8_000 ? true : undefined;
  });
  expect((await other.describeLock('cut-briefly')).holders[0]?.token).toBe(held.token);
});

bed.scenario('a client that stood still past its TTL knows at once when it wakes', 30_000, async () => {
  const program = fileURLToPath(new URL('../harness/holder-process.js', import.meta.url));
  const holder = bed.spawn('the holder', [program, 'stopped', String(TTL_MS), ...cluster.endpoints]);
  const { token } = await said(holder, 'held');
  const { granted } = await queueFor('stopped');
  holder.signal('SIGSTOP');
  const next = await within('the lock passing on', PASSES_ON_MS_MAX, granted);
  holder.signal('SIGCONT');

  const woke = await said(holder, 'woke');
  expect(woke).toMatchObject({ valid: false, abortedInFirstTurn: true });
  const aborted = await said(holder, 'aborted');
  expect(aborted.lastValidMs).toBeLessThan(next.atMs);
  expect(next.token).toBeGreaterThan(token as number);
});

async function said(holder: ReturnType<TestBed['spawn']>, event: string): Promise<Record<string, unknown>> {
  const line = await holder.line(event, 10_000, (text) => text.includes(`"event":"${event}"`));
  return JSON.parse(line) as Record<string, unknown>;
}
