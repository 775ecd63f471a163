import { beforeAll, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { askStatus } from '../harness/ask-status.js';
import { eventually, nowMs } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { DoomedLock } from '../harness/doomed-lock.js';
import { FirstWrite } from '../harness/first-write.js';
import { Load } from '../harness/load.js';
import { TestBed } from '../harness/test-bed.js';

/** `ROUNDS=5` to be thorough. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);
const PAUSE_MS = 10_000;
/** From a new leader's first stamp to the first answer that it gives, to clients that had to turn away from the old. */
const NOTICED_MS = 1_000;

const bed = new TestBed();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await bed.cluster();
  await cluster.start();
}, 60_000);

bed.scenario(
  '100 clients go on while the leader stands still for 10 s, and after it woke',
  ROUNDS * 60_000,
  async () => {
    const clients = Array.from({ length: 10 }, () => cluster.connect());
    const load = await Load.begin(clients, { holders: 50, takers: 50, sharedLocks: 10, ttlMs: 10_000 });
    const firstWrite = await FirstWrite.over([cluster.connect(), cluster.connect(), cluster.connect()]);
    for (let round = 1; round <= ROUNDS; round++) {
      const before = await cluster.settled();
      await load.grantLeases(10, 600_000);
      const doomed = await DoomedLock.make(cluster, clients[0]!, `doomed-${round}`, 2_000);
      const pausedMs = nowMs();
      before.replica.signal('SIGSTOP');
      try {
        const absentMs = await firstWrite.since(pausedMs);
        process.stderr.write(
          `    kill -STOP of the leader to the next acknowledged write: ${absentMs.toFixed(0)} ms\n`,
        );
        expect(
          await doomed.violations({ stillMs: absentMs - NOTICED_MS, absentMs, leaderChanges: 1 }),
        ).toEqual([]);
        await sleep(pausedMs + PAUSE_MS - nowMs());
      } finally {
        before.replica.signal('SIGCONT');
      }
      const wokeMs = nowMs();
      // The leader that was does not disturb the one that is.
      const { clientAddress } = before.replica.member;
      await eventually('the woken replica following', 10_000, async () =>
        (await askStatus(clientAddress))?.role === 'follower' ? true : undefined,
      );
      expect(await firstWrite.since(wokeMs)).toBeLessThan(3_000);
      expect((await cluster.settled()).term).toBeGreaterThan(before.term);
    }
    expect(await load.end()).toEqual([]);
  },
);
