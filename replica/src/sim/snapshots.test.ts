import { describe, expect, test } from '@jest/globals';

import { COMPACTED_MS, lagging } from './lagging-world.js';
import { Random } from './random.js';
import type { SimulatedMember } from './simulated-cluster.js';

/** `SEEDS=200` to be thorough. */
const SEEDS = Number(process.env['SEEDS'] ?? 12);

describe('a follower whose entries are gone from the log', () => {
  test('catches up by a snapshot while writes go on, and goes on with the log', async () => {
    const { world, behind } = await lagging(1, 20_000);
    expect(world.leader.life!.log.firstIndex()).toBeGreaterThan(100);
    await world.cluster.start(behind);
    await world.write(200);
    await world.run(3000);
    expect(world.tally).toMatchObject({ installed: 1, sent: 1, failed: [], refused: [] });
    expect(behind.folders.names()).toEqual(['2']);
    expect(behind.life!.log.stateFolder).toBe('2');
    await world.expectOneState();
  });

  test('resumes a transfer whose connection broke: no chunk is taken twice', async () => {
    const { world, behind } = await lagging(2, 5_000);
    const { network } = world.cluster;
    await world.cluster.start(behind);
    await world.run(1000);
    const before = world.tally.receivedBytes;
    expect(before).toBeGreaterThan(0);
    network.cut(world.leader.id, behind.id);
    await world.run(100);
    network.healAll();
    await world.run(10_000);
    expect(world.tally).toMatchObject({ installed: 1, sent: 1, failed: [], refused: [] });
    expect(world.tally.receivedBytes).toBeGreaterThan(before);
    // The whole state once and no more.
    let rows = 0;
    for await (const { key, value } of behind.folders.storage('2')!.iterate({}))
      rows += 8 + key.length + value.length;
    expect(world.tally.receivedBytes).toBeLessThan(rows + 200);
    await world.expectOneState();
  });

  test('a restart on the new folder finds the state that was installed', async () => {
    const { world, behind } = await lagging(3);
    await world.cluster.start(behind);
    await world.run(2000);
    expect(world.tally.installed).toBe(1);
    world.cluster.crash(behind);
    await world.cluster.start(behind);
    await world.run(2000);
    expect(world.tally.installed).toBe(1);
    await world.expectOneState();
  });

  test('overtakes what is queued for apply on a busy replica', async () => {
    const { world, behind } = await lagging(5);
    // A power cut takes what the state has not synced: the log replays it.
    await world.cluster.start(behind);
    await world.run(2000);
    await world.write(150);
    world.cluster.crash(behind);
    await world.write(200);
    await world.run(COMPACTED_MS);
    behind.busyMs = 5;
    await world.cluster.start(behind);
    await world.run(4000);
    expect(world.tally.installed).toBe(2);
    expect(world.tally.overtaken).toBeGreaterThan(0);
    behind.life!.environment.busyMs = 0;
    await world.run(4000);
    await world.expectOneState();
  });

  test('survives a crash at every moment around the install', async () => {
    const startedAgain = async () => {
      const { world, behind } = await lagging(6, undefined, 120);
      await world.cluster.start(behind);
      return { world, behind };
    };
    const undisturbed = await startedAgain();
    await undisturbed.world.run(3000);
    const { installedAtMs } = undisturbed.world.tally;
    const folders = new Set<string>();
    for (let at = installedAtMs - 1.5; at < installedAtMs + 1; at += 0.1) {
      const { world, behind } = await startedAgain();
      await world.run(at - world.cluster.queue.nowMs);
      world.cluster.crash(behind);
      await world.cluster.start(behind);
      folders.add(behind.life!.log.stateFolder ?? '1');
      await world.run(3000);
      await world.expectOneState();
    }
    expect([...folders]).toEqual(['1', '2']);
  }, 60_000);

  test('a leader that steps down cancels; the next one sends its own', async () => {
    const { world, behind } = await lagging(4, 5_000);
    await world.cluster.start(behind);
    await world.run(1000);
    expect(world.tally.receivedBytes).toBeGreaterThan(0);
    const first = world.leader;
    const next = world.followers.find((member) => member !== behind)!;
    first.life!.driver.transferLeadership(next.id);
    await world.run(20_000);
    expect(world.leader).toBe(next);
    expect(world.tally.failed).toContain('cancelled');
    expect(world.tally.installed).toBeGreaterThanOrEqual(1);
    await world.expectOneState();
  });

  test.each(Array.from({ length: SEEDS }, (_, at) => at + 500))(
    'seed %i: crashes, partitions and loss in the middle of transfer and install',
    async (seed) => {
      const random = new Random(seed * 104_729);
      const { world, behind } = await lagging(seed, 10_000 + random.below(200_000));
      const { cluster } = world;
      const { network, members } = cluster;
      network.faults = { loss: random.below(3) / 100, duplication: 0.02, delayMsMin: 0.1, delayMsMax: 10 };
      const anyone = (): SimulatedMember => random.pick(members);
      await cluster.start(behind);
      for (let round = 0; round < 12; round++) {
        await world.write(random.below(40), anyone);
        await world.run(random.below(random.pick([20, 200, 1500])));
        switch (random.below(6)) {
          case 0:
          case 1:
            cluster.crash(behind);
            await world.write(random.below(80), anyone);
            await world.start();
            break;
          case 2:
            if (world.leader !== undefined) cluster.crash(world.leader);
            await world.run(random.below(3000));
            await world.start();
            break;
          case 3:
            network.cut(anyone().id, anyone().id);
            break;
          case 4:
            await world.run(COMPACTED_MS);
            break;
          default:
            network.healAll();
        }
      }
      network.healAll();
      network.faults = { loss: 0, duplication: 0, delayMsMin: 0.1, delayMsMax: 1 };
      await world.start();
      await world.run(30_000);
      await world.expectOneState();
      expect(world.tally.installed).toBeGreaterThan(0);
    },
  );
});
