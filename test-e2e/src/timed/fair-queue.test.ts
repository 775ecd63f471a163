import { AbortedError, LockKindMismatchError, LockNotGrantedError, type Client } from '@aegis/client';
import { beforeAll, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, nowMs, within } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { TestBed } from '../harness/test-bed.js';

const bed = new TestBed();
let cluster: Cluster;
let clients: Client[];
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  clients = Array.from({ length: 4 }, () => cluster.connect());
}, 60_000);

function client(at: number): Client {
  return clients[at % clients.length]!;
}

async function waiting(lock: string, count: number): Promise<void> {
  await eventually(`${count} waiting for ${lock}`, 5_000, async () =>
    (await client(0).describeLock(lock)).waiterCount === count ? true : undefined,
  );
}

bed.scenario(
  'waiters over several connections are granted in their order, with tokens that grow',
  30_000,
  async () => {
    const first = await client(0).lock('line').acquire();
    const grants: { waiter: number; token: number }[] = [];
    const done: Promise<void>[] = [];
    for (let waiter = 1; waiter <= 12; waiter++) {
      const granted = client(waiter).session(10_000).lock('line').acquire();
      done.push(
        granted.then(async (held) => {
          grants.push({ waiter, token: held.token });
          await sleep(5);
          await held.release();
        }),
      );
      await waiting('line', waiter);
    }
    expect((await client(0).describeLock('line')).holders.map(({ token }) => token)).toEqual([first.token]);
    await first.release();
    await within('all of them', 10_000, Promise.all(done));
    expect(grants.map(({ waiter }) => waiter)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const tokens = [first.token, ...grants.map(({ token }) => token)];
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  },
);

bed.scenario(
  'readers share, a writer waits for them, and later readers wait behind the writer',
  30_000,
  async () => {
    const shared = (at: number) => client(at).lock('book', { mode: 'shared' }).acquire();
    const [one, two] = await Promise.all([shared(0), shared(1)]);
    const order: string[] = [];
    const writer = client(2).lock('book').acquire();
    await waiting('book', 1);
    const three = shared(3).then((held) => {
      order.push('reader');
      return held;
    });
    await waiting('book', 2);
    await one.release();
    expect((await client(0).describeLock('book')).waiterCount).toBe(2);
    await two.release();
    const written = await within('the writer', 5_000, writer);
    order.push('writer');
    await written.release();
    await (await within('the late reader', 5_000, three)).release();
    expect(order).toEqual(['writer', 'reader']);
  },
);

bed.scenario('a semaphore has as many holders as permits, and all must agree on them', 30_000, async () => {
  const claims = Array.from({ length: 5 }, (_, at) =>
    client(at).session(10_000).lock('pool', { permits: 3 }).acquire(),
  );
  await waiting('pool', 2);
  expect((await client(0).describeLock('pool')).holderCount).toBe(3);
  await expect(client(0).lock('pool', { permits: 4 }).acquire()).rejects.toThrow(LockKindMismatchError);
  await expect(client(0).lock('pool').acquire()).rejects.toThrow(LockKindMismatchError);
  for (const claim of claims) await (await within('a permit', 5_000, claim)).release();
});

bed.scenario('a wait ends in time and leaves no trace in the queue', 30_000, async () => {
  const held = await client(0).lock('busy').acquire();
  const beganMs = nowMs();
  await expect(client(1).lock('busy', { waitMs: 500 }).acquire()).rejects.toThrow(LockNotGrantedError);
  const tookMs = nowMs() - beganMs;
  expect(tookMs).toBeGreaterThanOrEqual(495);
  expect(tookMs).toBeLessThan(3_500);
  expect(await client(1).lock('busy').tryAcquire()).toBeUndefined();
  const giveUp = new AbortController();
  const wait = client(2).lock('busy').acquire({ signal: giveUp.signal });
  const refused = expect(wait).rejects.toThrow(AbortedError);
  await waiting('busy', 1);
  giveUp.abort();
  await refused;
  await waiting('busy', 0);
  await held.release();
  expect((await client(3).lock('busy').acquire()).valid).toBe(true);
});

bed.scenario(
  'after a holder that died the lock rests for its lock-delay; after a release it does not',
  30_000,
  async () => {
    const ttlMs = 2_000;
    const lockDelayMs = 1_500;
    const gentle = await client(0).lock('rests', { lockDelayMs }).acquire();
    const afterRelease = client(1).lock('rests', { lockDelayMs }).acquire();
    await waiting('rests', 1);
    const releasedMs = nowMs();
    await gentle.release();
    await (await within('the next', 5_000, afterRelease)).release();
    expect(nowMs() - releasedMs).toBeLessThan(lockDelayMs);

    const dying = cluster.connect();
    const askedMs = nowMs();
    await dying.session(ttlMs).lock('rests', { lockDelayMs }).acquire();
    dying.abandon();
    const next = await within('the next', 15_000, client(1).lock('rests', { lockDelayMs }).acquire());
    expect(nowMs() - askedMs).toBeGreaterThanOrEqual(ttlMs + lockDelayMs);
    await next.release();
  },
);

bed.scenario(
  'run() holds the lock while its work is done, and frees it whatever happens',
  30_000,
  async () => {
    const token = await client(0).lock.run('job', async (hold) => {
      expect(await client(1).lock('job').tryAcquire()).toBeUndefined();
      return hold.token;
    });
    const failed = client(0).lock.run('job', () => Promise.reject(new Error('the work failed')));
    await expect(failed).rejects.toThrow('the work failed');
    expect((await client(1).lock('job').tryAcquire())?.token).toBeGreaterThan(token);
  },
);
