import { InvalidRequestError, UnsafeSettingsError } from '@aegis/client';
import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, nowMs } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
/** Of each member's file, none like another's. */
const MIN_TTL_MS = [2_000, 3_000, 4_000];

async function caughtUp(cluster: Cluster, what: string, holds: (minTtlMs: number) => boolean) {
  return eventually(what, 10_000, async () => {
    const all = await cluster.statuses();
    const [first] = all;
    const same = all.every(({ appliedIndex }) => appliedIndex === first!.appliedIndex);
    return same && all.every(({ settings }) => holds(settings!.leaseMinTtlMs)) ? first! : undefined;
  });
}

bed.scenario(
  'settings of the whole cluster change by one command while clients write, without a restart, and no election undoes it',
  120_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 3 });
    cluster.replicas.forEach((replica, at) => replica.start(['--set', `leaseMinTtlMs=${MIN_TTL_MS[at]}`]));
    const { replica: first } = await cluster.settled();
    const client = cluster.connect();
    const aegis = async (...args: string[]): Promise<string> => {
      const run = bed.aegis(['--endpoints', cluster.endpoints.join(), ...args]);
      expect(await run.status(20_000)).toBe(0);
      return run.stdout.join('\n');
    };

    // The first leader's file gave the first values.
    const begun = MIN_TTL_MS[first.id - 1]!;
    await caughtUp(cluster, 'the first values', (ms) => ms === begun);
    expect(await aegis('settings')).toMatch(new RegExp(`leaseMinTtlMs +${begun}\\b`));

    // Nothing else is written: the log tells how many commands it took.
    const before = await caughtUp(cluster, 'a log at rest', () => true);
    const set = () => aegis('settings', 'set', 'leaseMinTtlMs=6000', 'leaseExpiryPerTick=7', '--json');
    expect(JSON.parse(await set())).toEqual({
      changed: true,
      settings: {
        leaseMinTtlMs: 6000,
        leaseMaxTtlMs: 86_400_000,
        leaseExpiryPerTick: 7,
        kvQuotaBytes: 2 ** 31,
      },
    });
    expect(JSON.parse(await set())).toMatchObject({ changed: false });
    const after = await caughtUp(cluster, 'the change on all', (ms) => ms === 6000);
    expect(after.appliedIndex).toBe(before.appliedIndex + 1);
    await expect(client.leases.grant(5_999)).rejects.toThrow(InvalidRequestError);
    await client.leases.grant(6_000);

    // Under load.
    const pids = (await cluster.statuses()).map(({ pid }) => pid);
    let writing = true;
    let longestGapMs = 0;
    let writes = 0;
    const writer = async (at: number): Promise<void> => {
      let last = nowMs();
      while (writing) {
        await client.kv.put(`key-${at}`, String(writes++));
        longestGapMs = Math.max(longestGapMs, nowMs() - last);
        last = nowMs();
      }
    };
    const writers = Array.from({ length: 16 }, (_, at) => writer(at));
    for (let round = 0; round < 10; round++) {
      const leaseMinTtlMs = 3_000 + round;
      expect(await client.cluster.setSettings({ leaseMinTtlMs, kvQuotaBytes: 2 ** 30 })).toMatchObject({
        changed: true,
        settings: { leaseMinTtlMs, kvQuotaBytes: 2 ** 30, leaseExpiryPerTick: 7 },
      });
      await sleep(100);
    }
    writing = false;
    await Promise.all(writers);
    expect(writes).toBeGreaterThan(500);
    expect(longestGapMs).toBeLessThan(1_000);
    process.stdout.write(
      `${writes} writes beside 10 changes of settings, the longest gap ${longestGapMs.toFixed(0)} ms\n`,
    );

    // Unsafe ones are refused with the rule, and change nothing.
    const refused = await client.cluster
      .setSettings({ leaseMinTtlMs: 1_000 })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnsafeSettingsError);
    expect((refused as Error).message).toContain(
      '2 x leaseMinTtlMs 1000 = 2000 < 3 x electionTimeoutMs 1000 = 3000 (rule lease-outlives-election)',
    );
    await expect(client.cluster.setSettings({ leaseMaxTtlMs: 7 })).rejects.toThrow(
      'spec.consensus.leaseMaxTtlMs: must be a whole number of milliseconds from 1000',
    );

    // Whoever leads, with whatever file.
    for (const { id } of cluster.replicas) {
      await eventually(`member ${id} leading`, 15_000, () =>
        client.cluster.transferLeadership(id).then(
          ({ leaderId }) => (leaderId === id ? true : undefined),
          () => undefined,
        ),
      );
      await client.kv.put('after', `member ${id}`);
      await caughtUp(cluster, 'the same settings', (ms) => ms === 3_009);
    }
    expect((await cluster.statuses()).map(({ pid }) => pid)).toEqual(pids);
    expect(JSON.parse(await aegis('hash', '--json'))).toMatchObject({ agree: true });

    // All go down and come back with their files: the state knows better.
    for (const replica of cluster.replicas) await replica.kill();
    cluster.replicas.forEach((replica, at) => replica.start(['--set', `leaseMinTtlMs=${MIN_TTL_MS[at]}`]));
    await cluster.settled();
    await client.kv.put('again', 'here');
    await caughtUp(cluster, 'the settings after a restart', (ms) => ms === 3_009);

    // With files that are safe by themselves, and not beside what the cluster has, a leader says so.
    for (const replica of cluster.replicas) await replica.kill();
    const slow = ['--set', 'electionTimeoutMs=3000', '--set', 'leaseMinTtlMs=6000'];
    for (const replica of cluster.replicas) replica.start(slow);
    const { replica: leader } = await cluster.settled();
    await eventually('a warning', 5_000, () =>
      leader.process.stderr.find((line) => line.includes('rule lease-outlives-election')),
    );
    await cluster.stop();
  },
);
