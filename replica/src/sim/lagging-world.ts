import { expect } from '@jest/globals';
import type { Command } from '@aegis/proto/replica/command';

import { silentSnapshotEvents } from '../server/snapshot/events.js';
import { SimulatedCluster, type SimulatedMember } from './simulated-cluster.js';
import { Witness } from './witness.js';

const HOUR_MS = 3_600_000;
/** A compaction follows the next sync of the state. */
export const COMPACTED_MS = 7000;

const grant = (lease: string): Command => ({
  call: undefined,
  op: { $case: 'leaseGrant', value: { lease, ttlMs: HOUR_MS } },
});

interface Tally {
  installed: number;
  sent: number;
  failed: string[];
  refused: string[];
  receivedBytes: number;
  /** Entries queued for apply that snapshots took the place of. */
  overtaken: number;
  installedAtMs: number;
}

/** A simulated cluster that compacts its logs early, what its members saw, and writes. */
export class LaggingWorld {
  readonly witness = new Witness();
  readonly tally: Tally = {
    installed: 0,
    sent: 0,
    failed: [],
    refused: [],
    receivedBytes: 0,
    overtaken: 0,
    installedAtMs: 0,
  };
  readonly granted = new Set<string>();
  readonly cluster: SimulatedCluster;
  #leases = 0;

  constructor(size: number, seed: number, bytesPerSecond = 1_000_000) {
    const { witness, tally } = this;
    const limits = { snapshotThresholdEntries: 50, logRetentionEntries: 50 };
    this.cluster = new SimulatedCluster(
      size,
      seed,
      {
        applied: (_member, entry, _applied, hash) => witness.applied(entry.index, hash),
        leading: (member, term) => witness.leading(member, term),
        installed: (member, index, hash) => {
          witness.applied(index, hash);
          tally.installedAtMs = this.cluster.queue.nowMs;
          tally.overtaken += this.cluster.members[member - 1]!.life!.driver.applyBacklog;
          tally.installed++;
        },
        snapshots: () => ({
          ...silentSnapshotEvents,
          sent: (_to, { ok, reason }) => {
            if (ok) tally.sent++;
            else tally.failed.push(reason);
          },
          receivedBytes: (bytes) => (tally.receivedBytes += bytes),
          refused: (_from, reason) => tally.refused.push(reason),
        }),
      },
      { ...limits, snapshotBytesPerSecond: bytesPerSecond },
    );
  }

  async start(): Promise<void> {
    for (const member of this.cluster.members)
      if (member.life === undefined) await this.cluster.start(member);
  }

  async run(ms: number): Promise<void> {
    await this.cluster.queue.run(ms);
  }

  get leader(): SimulatedMember {
    return this.cluster.leaders()[0]!;
  }

  get followers(): SimulatedMember[] {
    return this.cluster.members.filter((member) => member.life !== undefined && member !== this.leader);
  }

  /** So many writes, each an entry of its own. */
  async write(count: number, at: () => SimulatedMember = () => this.leader): Promise<void> {
    for (let i = 0; i < count; i++) {
      const id = String(++this.#leases);
      void this.cluster.submit(at() ?? this.cluster.members[0]!, grant(id)).then((result) => {
        if (result?.result?.$case === 'leaseGrant') this.granted.add(id);
        return undefined;
      });
      await this.run(3);
    }
  }

  /** What must hold when all is well again. */
  async expectOneState(): Promise<void> {
    await this.cluster.converge(2000);
    expect(this.cluster.leaders()).toHaveLength(1);
    const states = this.cluster.members.map((member) => member.life!.state);
    for (const state of states) {
      expect(state.appliedIndex).toBe(this.witness.appliedMax);
      expect(state.hash).toBe(states[0]!.hash);
      for (const id of this.granted) expect(state.lease(id)).toBeDefined();
    }
  }
}

/** Three members, one of which was down for so long that the others' logs no longer reach back to it. */
export async function lagging(seed: number, bytesPerSecond?: number, writes = 200) {
  const world = new LaggingWorld(3, seed, bytesPerSecond);
  await world.start();
  await world.run(3000);
  const behind = world.followers[0]!;
  world.cluster.crash(behind);
  await world.write(writes);
  await world.run(COMPACTED_MS);
  return { world, behind };
}
