import { describe, expect, test } from '@jest/globals';
import type { Command } from '@aegis/proto/replica/command';
import { AcquireOutcome, LockMode } from '@aegis/proto/v1/lock';

import { resolveSettings } from '../settings/index.js';
import { Random } from './random.js';
import { SimulatedCluster } from './simulated-cluster.js';
import { Witness } from './witness.js';

const HOUR_MS = 3_600_000;

const grant = (lease: string): Command => ({
  call: undefined,
  op: { $case: 'leaseGrant', value: { lease, ttlMs: HOUR_MS } },
});

const acquire = (name: string, lease: string): Command => ({
  call: undefined,
  op: {
    $case: 'lockAcquire',
    value: { name, lease, claim: 1, mode: LockMode.EXCLUSIVE, permits: 0, waitMs: 0, lockDelayMs: 0 },
  },
});

const release = (name: string, lease: string): Command => ({
  call: undefined,
  op: { $case: 'lockRelease', value: { name, lease, claim: 1 } },
});

async function started(size: number, seed: number) {
  const witness = new Witness();
  const cluster = new SimulatedCluster(size, seed, {
    applied: (_member, entry, _applied, hash) => witness.applied(entry.index, hash),
    leading: (member, term) => witness.leading(member, term),
  });
  for (const member of cluster.members) await cluster.start(member);
  return { cluster, witness };
}

describe('a cluster in a simulated world', () => {
  test('elects one leader and answers on leader and follower alike', async () => {
    const { cluster } = await started(5, 1);
    await cluster.queue.run(3000);
    expect(cluster.leaders()).toHaveLength(1);
    const outcomes = cluster.members.map((member, at) => cluster.submit(member, grant(String(at + 1))));
    await cluster.queue.run(100);
    expect((await Promise.all(outcomes)).map((result) => result?.result?.$case)).toEqual(
      Array.from({ length: 5 }, () => 'leaseGrant'),
    );
  });

  test('the first leader is elected without the wait that those with a leader are owed; after a restart that is waited for', async () => {
    const { electionTimeoutMs } = resolveSettings('locks', {});
    const first: number[] = [];
    for (let seed = 1; seed <= 15; seed++) {
      const { cluster } = await started(5, seed);
      const untilLed = async (): Promise<number> => {
        const beganMs = cluster.queue.nowMs;
        while (cluster.leaders().length === 0) await cluster.queue.run(10);
        return cluster.queue.nowMs - beganMs;
      };
      first.push(await untilLed());
      for (const member of cluster.members) cluster.crash(member);
      for (const member of cluster.members) await cluster.start(member);
      expect(await untilLed()).toBeGreaterThanOrEqual(electionTimeoutMs);
    }
    expect(first.toSorted((a, b) => a - b)[7]).toBeLessThan(electionTimeoutMs / 2);
  });

  test('a command that a dying leader was given by a follower is answered by the next one, once', async () => {
    const { cluster } = await started(3, 2);
    await cluster.queue.run(3000);
    const leader = cluster.leaders()[0]!;
    const follower = cluster.members.find((member) => member !== leader)!;
    const outcome = cluster.submit(follower, grant('7'));
    cluster.crash(leader);
    await cluster.queue.run(4500);
    expect((await outcome)?.result?.$case).toBe('leaseGrant');
  });

  test('a cut-off leader steps down, and what it alone took is never acknowledged', async () => {
    const { cluster } = await started(5, 3);
    await cluster.queue.run(3000);
    const leader = cluster.leaders()[0]!;
    for (const other of cluster.members) {
      cluster.network.cut(leader.id, other.id);
      cluster.network.cut(other.id, leader.id);
    }
    const outcome = cluster.submit(leader, grant('7'));
    await cluster.queue.run(4000);
    expect(cluster.leaders().map((member) => member.id)).not.toContain(leader.id);
    expect(cluster.leaders()).toHaveLength(1);
    cluster.network.healAll();
    await cluster.queue.run(4000);
    // It had no effect while the leader was cut off, so it went out again and has one now.
    expect((await outcome)?.result?.$case).toBe('leaseGrant');
  });

  test.each(Array.from({ length: 12 }, (_, at) => at + 100))(
    'seed %i: crashes, partitions, loss and reordering lose no acknowledged write',
    async (seed) => {
      const { cluster, witness } = await started(5, seed);
      const random = new Random(seed * 7919);
      const granted = new Set<string>();
      const tokens: number[] = [];
      const holders = new Map<string, string>();
      cluster.network.faults = { loss: 0.02, duplication: 0.02, delayMsMin: 0.1, delayMsMax: 10 };
      let lease = 0;
      for (let step = 0; step < 200; step++) {
        const member = random.pick(cluster.members);
        switch (random.below(12)) {
          case 0:
            if (cluster.members.filter((m) => m.life !== undefined).length > 3) cluster.crash(member);
            break;
          case 1:
            for (const down of cluster.members) if (down.life === undefined) await cluster.start(down);
            break;
          case 2:
            cluster.network.cut(member.id, random.pick(cluster.members).id);
            break;
          case 3:
            cluster.network.healAll();
            break;
          default: {
            const id = String(++lease);
            const lock = `lock-${random.below(3)}`;
            void cluster.submit(member, grant(id)).then((result) => {
              if (result?.result?.$case === 'leaseGrant') granted.add(id);
              return undefined;
            });
            void cluster.submit(member, acquire(lock, id)).then((result) => {
              if (result?.result?.$case !== 'lockAcquire') return undefined;
              if (result.result.value.outcome !== AcquireOutcome.GRANTED) return undefined;
              tokens.push(result.result.value.token);
              holders.set(lock, id);
              return undefined;
            });
            const holder = holders.get(lock);
            if (holder !== undefined) void cluster.submit(member, release(lock, holder));
          }
        }
        await cluster.queue.run(random.below(300));
      }
      cluster.network.healAll();
      cluster.network.faults = { loss: 0, duplication: 0, delayMsMin: 0.1, delayMsMax: 1 };
      for (const down of cluster.members) if (down.life === undefined) await cluster.start(down);
      await cluster.queue.run(10_000);
      await cluster.converge(2000);

      expect(cluster.leaders()).toHaveLength(1);
      const states = cluster.members.map((member) => member.life!.state);
      for (const state of states) {
        expect(state.appliedIndex).toBe(witness.appliedMax);
        expect(state.hash).toBe(states[0]!.hash);
        for (const id of granted) expect(state.lease(id)).toBeDefined();
      }
      expect(new Set(tokens).size).toBe(tokens.length);
      expect(granted.size).toBeGreaterThan(10);
    },
  );
});
