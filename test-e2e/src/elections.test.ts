import type { Client, ElectionState } from '@aegis/client';
import { beforeAll, expect } from '@jest/globals';

import { eventually, nowMs, within } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { TestBed } from './harness/test-bed.js';

const TTL_MS = 2_500;

const bed = new TestBed();
let cluster: Cluster;
let observer: Client;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  observer = cluster.connect();
}, 60_000);

/** Follows an election in the background: the values of its leaders as they change, '' for nobody. */
function follow(election: string): { values: string[]; stop(): void } {
  const stop = new AbortController();
  const values: string[] = [];
  void (async () => {
    for await (const state of observer.election(election).observe({ signal: stop.signal })) {
      const value = valueOf(state);
      if (values.at(-1) !== value) values.push(value);
    }
  })();
  return { values, stop: () => stop.abort() };
}

function valueOf({ leader }: ElectionState): string {
  return leader === undefined ? '' : Buffer.from(leader.value).toString();
}

/** Candidates wait behind the leader. */
async function candidates(election: string, count: number): Promise<void> {
  await eventually(`${count} candidates`, 5_000, async () =>
    (await observer.election(election).leader()).candidates === count ? true : undefined,
  );
}

bed.scenario(
  'leaders follow each other by resignation and by death, and observers see every one',
  40_000,
  async () => {
    const name = 'captain';
    const [anna, bert, cora] = [cluster.connect(), cluster.connect(), cluster.connect()];
    const seen = follow(name);
    const first = await anna.session(TTL_MS).election(name).campaign('anna');
    const second = bert.session(TTL_MS).election(name).campaign('bert');
    await candidates(name, 1);
    const third = cora.session(TTL_MS).election(name).campaign('cora');
    await candidates(name, 2);
    await first.proclaim('anna, still');
    await eventually('the proclaimed value', 5_000, () =>
      seen.values.at(-1) === 'anna, still' ? true : undefined,
    );
    expect(valueOf(await bert.election(name).leader())).toBe('anna, still');

    await first.resign();
    expect(first.valid).toBe(false);
    const bertLeads = await within('bert leading', 5_000, second);
    expect(bertLeads.token).toBeGreaterThan(first.token);
    await eventually('bert seen', 5_000, () => (seen.values.at(-1) === 'bert' ? true : undefined));

    const diedMs = nowMs();
    bert.abandon();
    const coraLeads = await within('cora leading', 15_000, third);
    expect(nowMs() - diedMs).toBeLessThan(TTL_MS + 4_000);
    expect(coraLeads.token).toBeGreaterThan(bertLeads.token);
    await eventually('cora seen', 5_000, () => (seen.values.at(-1) === 'cora' ? true : undefined));
    await coraLeads.resign();
    await eventually('nobody seen', 5_000, () => (seen.values.at(-1) === '' ? true : undefined));
    seen.stop();
    // A vacancy may show between two leaders whose change took two steps.
    const leaders = seen.values.filter((value) => value !== '');
    expect(leaders).toEqual(['anna', 'anna, still', 'bert', 'cora']);
  },
);

bed.scenario(
  'a leadership outlives the replica that leads the cluster, and observers go on',
  40_000,
  async () => {
    const name = 'survivor';
    const leadership = await cluster.connect().session(10_000).election(name).campaign('before');
    const seen = follow(name);
    await eventually('the value', 5_000, () => (seen.values.at(-1) === 'before' ? true : undefined));
    const before = await cluster.settled();
    await before.replica.kill();
    await leadership.proclaim('after');
    await eventually('the new value', 10_000, () => (seen.values.at(-1) === 'after' ? true : undefined));
    expect(leadership.valid).toBe(true);
    expect((await observer.election(name).leader()).leader?.token).toBe(leadership.token);
    seen.stop();
    before.replica.start();
    await cluster.settled();
  },
);

bed.scenario('a candidate that does not want to wait is told so', 20_000, async () => {
  const leads = await observer.election('short').campaign('one');
  await expect(cluster.connect().election('short').campaign('two', { waitMs: 0 })).rejects.toMatchObject({
    code: 'LOCK_NOT_GRANTED',
  });
  await candidates('short', 0);
  expect(await leads.resign()).toBe(true);
});
