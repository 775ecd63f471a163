import { beforeAll, beforeEach, expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { eventually, nowMs } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { inject } from './harness/fault-channel.js';
import { FirstWrite } from './harness/first-write.js';
import { parseMetrics } from './harness/metrics-page.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
let cluster: Cluster;
let writes: FirstWrite;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3, flags: ['--allow-faults'] });
  await cluster.start();
  writes = await FirstWrite.over([cluster.connect()]);
}, 60_000);

beforeEach(async () => {
  await cluster.start();
  for (const replica of cluster.replicas) await inject(replica, { fault: 'none' });
  await cluster.settled();
});

function others(replica: Replica): Replica[] {
  return cluster.replicas.filter((other) => other !== replica);
}

/** What a replica measures on its way to a peer. */
async function toPeer(from: Replica, name: string, to: Replica): Promise<number> {
  const samples = parseMetrics(await (await from.get('/metrics')).text());
  const found = samples.find((sample) => sample.name === name && sample.labels['to'] === String(to.id));
  return found?.value ?? 0;
}

bed.scenario('without --allow-faults there is no channel', 60_000, async () => {
  const plain = await bed.cluster({ replicas: 1 });
  await plain.start();
  expect(existsSync(join(plain.replicas[0]!.dataPath, 'faults.sock'))).toBe(false);
  await expect(inject(plain.replicas[0]!, { fault: 'show' })).rejects.toThrow('ENOENT');
  await plain.stop();
});

bed.scenario('a leader that is heard by nobody, but hears all, is replaced', 60_000, async () => {
  const { replica: leader, term } = await cluster.settled();
  for (const other of others(leader)) await inject(leader, { fault: 'link', to: other.id, cut: true });
  const next = await cluster.leader({ afterTerm: term });
  expect(next.replica).not.toBe(leader);
  expect(await writes.since(nowMs())).toBeLessThan(5_000);
  for (const other of others(leader)) await inject(leader, { fault: 'link', to: other.id });
  await cluster.settled();
});

bed.scenario('the two directions of a link differ, and its delay is measured', 60_000, async () => {
  const [one, two] = cluster.replicas as [Replica, Replica, Replica];
  await inject(one, { fault: 'link', to: two.id, delayMs: 150 });
  const metric = 'aegis_peer_round_trip_time_seconds_sum';
  const before = await toPeer(one, metric, two);
  await eventually('a round trip of 150 ms', 10_000, async () =>
    (await toPeer(one, metric, two)) - before > 0.15 ? true : undefined,
  );
  expect(await inject(two, { fault: 'show' })).toMatchObject({ links: {} });
});

bed.scenario('slow syncs are paid by every write', 60_000, async () => {
  for (const replica of cluster.replicas) await inject(replica, { fault: 'fsync', slowMs: 80 });
  await cluster.leader();
  await writes.since(nowMs());
  expect(await writes.since(nowMs())).toBeGreaterThan(80);
});

bed.scenario('a follower whose sync stalls holds nobody up, and catches up afterwards', 60_000, async () => {
  const { replica: leader } = await cluster.settled();
  const follower = others(leader)[0]!;
  await inject(follower, { fault: 'fsync', stalled: true });
  for (let time = 0; time < 3; time++) expect(await writes.since(nowMs())).toBeLessThan(3_000);
  await inject(follower, { fault: 'fsync' });
  await cluster.settled();
});

bed.scenario('a leader whose sync stalls hands over, though its heartbeats go on', 60_000, async () => {
  const { replica: leader, term } = await cluster.settled();
  const elsewhere = await FirstWrite.over(
    others(leader).map(({ member }) => cluster.connect({ endpoints: [member.clientAddress] })),
  );
  await inject(leader, { fault: 'fsync', stalled: true });
  expect(await elsewhere.since(nowMs())).toBeLessThan(10_000);
  expect((await cluster.leader({ afterTerm: term })).replica).not.toBe(leader);
  await inject(leader, { fault: 'fsync' });
  await cluster.settled();
});

bed.scenario('a failed sync ends the process, and it starts again', 60_000, async () => {
  const { replica: leader } = await cluster.settled();
  await inject(leader, { fault: 'fsync', failing: true });
  void writes.since(nowMs()).catch(() => {});
  expect(await leader.process.status(10_000)).toBe(74);
  expect(leader.process.stderr.join('\n')).toContain('EIO: i/o error, injected');
  leader.start();
  await cluster.settled();
  expect(await writes.since(nowMs())).toBeLessThan(3_000);
});

bed.scenario('a clock that is an hour off shows in the metrics and harms nobody', 60_000, async () => {
  const { replica: leader } = await cluster.settled();
  const follower = others(leader)[0]!;
  await inject(follower, { fault: 'clock', offsetMs: 3_600_000 });
  await eventually('the offset in the metrics', 15_000, async () => {
    const offset = await toPeer(leader, 'aegis_peer_clock_offset_seconds', follower);
    return Math.abs(offset) > 3_500 ? true : undefined;
  });
  expect(await writes.since(nowMs())).toBeLessThan(3_000);
});

bed.scenario('a stalled event loop costs the leader its leadership', 60_000, async () => {
  const { replica: leader, term } = await cluster.settled();
  const stalled = inject(leader, { fault: 'stall', ms: 4_000 });
  expect((await cluster.leader({ afterTerm: term })).replica).not.toBe(leader);
  await stalled;
  await cluster.settled();
});
