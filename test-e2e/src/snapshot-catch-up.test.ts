import { expect } from '@jest/globals';
import type { Client } from '@aegis/client';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, nowMs } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { parseMetrics, total } from './harness/metrics-page.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

const TTL_MS = 600_000;
const WAVE = 100;

const bed = new TestBed();

/** Grants leases in waves and remembers what was acknowledged; a failure ends it. */
class Writer {
  readonly #client: Client;
  readonly leases: string[] = [];
  #stopping = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  async write(waves: number): Promise<void> {
    for (let wave = 0; wave < waves && !this.#stopping; wave++) {
      const grants = Array.from({ length: WAVE }, () => this.#client.leases.grant(TTL_MS));
      for (const { lease } of await Promise.all(grants)) this.leases.push(lease);
    }
  }

  begin(): void {
    this.#ended = this.write(Infinity);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }
}

async function metric(replica: Replica, name: string): Promise<number> {
  return total(parseMetrics(await (await replica.get('/metrics')).text()), `aegis_${name}`)!;
}

async function appliedUpTo(replica: Replica, index: number, withinMs: number): Promise<void> {
  await eventually(`${replica.member.name} having applied ${index}`, withinMs, async () => {
    const applied = await metric(replica, 'proposals_applied_index').catch(() => 0);
    return applied >= index ? true : undefined;
  });
}

async function everywhere(cluster: Cluster): Promise<Set<number>> {
  const counts = await Promise.all(cluster.replicas.map((replica) => metric(replica, 'leases')));
  return new Set(counts);
}

bed.scenario(
  'a member that was away for long catches up by snapshot while writes go on',
  120_000,
  async () => {
    const cluster = await bed.cluster({
      replicas: 3,
      consensus: {
        snapshotThresholdEntries: 100,
        logRetentionEntries: 100,
        // Slow enough that the transfer can be interrupted, and that writes go on during it.
        snapshotBytesPerSecond: 1024 * 1024,
      },
    });
    await cluster.start();
    const { replica: leader } = await cluster.settled();
    const away = cluster.replicas.find((replica) => replica !== leader)!;
    const writer = new Writer(cluster.connect({ requestTimeoutMs: 20_000 }));
    await writer.write(20);
    await away.kill();
    await writer.write(400);
    const missed = await metric(leader, 'proposals_applied_index');
    await eventually('the leader compacting its log', 60_000, async () =>
      (await metric(leader, 'log_first_index')) > missed - 150 ? true : undefined,
    );

    writer.begin();
    away.start();
    // Killed in the middle of the transfer: nothing of it counts, and the next life gets another.
    await eventually('chunks arriving', 20_000, async () =>
      (await metric(away, 'snapshot_received_bytes_total').catch(() => 0)) > 0 ? true : undefined,
    );
    await away.kill();
    expect(readdirSync(join(away.dataPath, 'state'))).toEqual(['1', '2']);
    const beganMs = nowMs();
    const writtenBefore = writer.leases.length;
    away.start();
    await appliedUpTo(away, missed, 40_000);
    const tookMs = nowMs() - beganMs;
    const written = writer.leases.length - writtenBefore;
    process.stderr.write(
      `    caught up by snapshot in ${tookMs.toFixed(0)} ms, ${written} writes meanwhile\n`,
    );
    expect(written).toBeGreaterThan(0);
    await writer.stop();

    expect(await metric(away, 'snapshots_installed_total')).toBe(1);
    expect(await metric(leader, 'snapshots_sent_total')).toBe(1);
    await eventually('the old folder gone', 10_000, () =>
      readdirSync(join(away.dataPath, 'state')).join() === '3' ? true : undefined,
    );
    await cluster.settled();
    await eventually('all holding every lease', 10_000, async () => {
      const counts = await everywhere(cluster);
      return counts.size === 1 && counts.has(writer.leases.length) ? true : undefined;
    });

    // The log of the one that was away begins after the snapshot: a restart must find the folder that it names.
    await away.kill();
    await writer.write(1);
    await sleep(100);
    away.start();
    await away.ready();
    await cluster.settled();
    expect(await metric(away, 'leases')).toBeGreaterThanOrEqual(writer.leases.length - WAVE);
  },
);
