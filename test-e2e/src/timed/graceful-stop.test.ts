import { beforeAll, expect } from '@jest/globals';

import { nowMs } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { FirstWrite } from '../harness/first-write.js';
import { TestBed } from '../harness/test-bed.js';

/** Half of the shortest election timeout: what goes on within it did not wait for an election. */
const GOES_ON_MS_MAX = 500;

const bed = new TestBed();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await bed.cluster();
  await cluster.start();
}, 60_000);

bed.scenario(
  'a leader that is asked to stop hands over first: writes go on, nothing is lost, status 0',
  60_000,
  async () => {
    const clients = [cluster.connect(), cluster.connect()];
    const held = await clients[0]!.session(10_000).lock('kept').acquire();
    const firstWrite = await FirstWrite.over(clients);
    for (let round = 1; round <= 3; round++) {
      const before = await cluster.settled();
      const stoppedMs = nowMs();
      before.replica.signal('SIGTERM');
      const tookMs = await firstWrite.since(stoppedMs);
      expect(await before.replica.process.status(10_000)).toBe(0);
      const endedMs = nowMs() - stoppedMs;
      const after = await cluster.leader({ afterTerm: before.term });
      // One term further: nobody had to stand for election twice.
      expect(after.term).toBe(before.term + 1);
      process.stderr.write(
        `    SIGTERM to the next acknowledged write ${tookMs.toFixed(0)} ms, to the end of the process ${endedMs.toFixed(0)} ms\n`,
      );
      expect(tookMs).toBeLessThan(GOES_ON_MS_MAX);
      before.replica.start();
      await cluster.settled();
    }
    expect(held.valid).toBe(true);
    expect(await held.release()).toBe(true);
  },
);

bed.scenario('a follower that is asked to stop disturbs nobody', 30_000, async () => {
  const leader = await cluster.settled();
  const follower = cluster.replicas.find((replica) => replica !== leader.replica)!;
  const firstWrite = await FirstWrite.over([cluster.connect()]);
  const stoppedMs = nowMs();
  follower.signal('SIGTERM');
  expect(await firstWrite.since(stoppedMs)).toBeLessThan(GOES_ON_MS_MAX);
  expect(await follower.process.status(10_000)).toBe(0);
  expect((await cluster.leader()).term).toBe(leader.term);
  follower.start();
  await cluster.settled();
});

bed.scenario(
  'all that are asked to stop at once end in good order, and come back as they were',
  60_000,
  async () => {
    const lease = await cluster.connect().leases.grant(600_000);
    await cluster.settled();
    for (const replica of cluster.replicas) replica.signal('SIGTERM');
    const statuses = await Promise.all(cluster.replicas.map((replica) => replica.process.status(12_000)));
    expect(statuses).toEqual([0, 0, 0, 0, 0]);
    await cluster.start();
    const there = await cluster.connect().leases.timeToLive(lease.lease);
    expect(there.ttlMs).toBe(600_000);
  },
);
