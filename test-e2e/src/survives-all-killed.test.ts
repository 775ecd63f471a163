import { beforeAll, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowMs } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { DoomedLock } from './harness/doomed-lock.js';
import { FirstWrite } from './harness/first-write.js';
import { Load } from './harness/load.js';
import { TestBed } from './harness/test-bed.js';

/** `ROUNDS=10` to be thorough. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);
const OUTAGE_MS = 1_500;

const bed = new TestBed();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await bed.cluster();
  await cluster.start();
}, 60_000);

bed.scenario('nothing acknowledged is lost when all five are killed at once', ROUNDS * 60_000, async () => {
  const clients = Array.from({ length: 10 }, () => cluster.connect({ requestTimeoutMs: 20_000 }));
  const load = await Load.begin(clients, { holders: 50, takers: 50, sharedLocks: 10, ttlMs: 30_000 });
  const firstWrite = await FirstWrite.over([cluster.connect({ requestTimeoutMs: 20_000 })]);
  for (let round = 1; round <= ROUNDS; round++) {
    const before = await cluster.settled();
    await load.grantLeases(10, 600_000);
    // Runs out while nobody is there: the outage credits itself, and it ends after, not during or early.
    const doomed = await DoomedLock.make(cluster, clients[0]!, `doomed-${round}`, 2_000);
    const killedMs = nowMs();
    await Promise.all(cluster.replicas.map((replica) => replica.kill()));
    await sleep(OUTAGE_MS);
    for (const replica of cluster.replicas) replica.start();
    const absentMs = await firstWrite.since(killedMs);
    process.stderr.write(
      `    all killed, down for ${OUTAGE_MS} ms, to the next acknowledged write: ${absentMs.toFixed(0)} ms\n`,
    );
    const after = await cluster.settled();
    expect(after.term).toBeGreaterThan(before.term);
    const leaderChanges = after.term - before.term;
    expect(await doomed.violations({ stillMs: OUTAGE_MS, absentMs, leaderChanges })).toEqual([]);
  }
  expect(await load.end()).toEqual([]);
  const statuses = await cluster.statuses();
  expect(Math.min(...statuses.map(({ newestToken }) => newestToken))).toBeGreaterThanOrEqual(
    load.history.newestToken,
  );
});
