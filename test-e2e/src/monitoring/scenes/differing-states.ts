import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { changedReplica, MISAPPLIES } from '../../harness/broken-copy.js';
import { Cluster } from '../../harness/cluster.js';
import type { Guardian } from '../../harness/guardian.js';
import { AEGIS_PROGRAM } from '../../harness/programs.js';
import { Spawned } from '../../harness/spawned.js';

const NAME = 'differing-states';
const MEMBERS = 4;
const TTL_MS = 60_000;
const SEEN_MS_MAX = 60_000;

/** Four members, two of them of a build that renews leases differently: as long as nobody renews one, they agree. */
export class DifferingStates {
  /** As it is called in Prometheus. */
  readonly name = NAME;

  private constructor(
    private readonly guardian: Guardian,
    private readonly cluster: Cluster,
  ) {}

  static async start(folder: string, guardian: Guardian): Promise<DifferingStates> {
    const own = join(folder, NAME);
    mkdirSync(own, { recursive: true });
    const cluster = await Cluster.prepare(guardian, own, { replicas: MEMBERS });
    const program = changedReplica(join(own, 'misapplies'), MISAPPLIES);
    for (const replica of cluster.replicas.slice(MEMBERS / 2)) replica.program = program;
    await cluster.start();
    return new DifferingStates(guardian, cluster);
  }

  get metricsAddresses(): readonly string[] {
    return this.cluster.replicas.map(({ member }) => member.metricsAddress);
  }

  /** A lease is renewed, and states are compared once: the first difference has to be enough. */
  async part(seen: AbortSignal): Promise<void> {
    const client = this.cluster.connect();
    const { lease } = await client.leases.grant(TTL_MS);
    await client.leases.keepAlive([lease]);
    const compare = [AEGIS_PROGRAM, '--endpoints', this.cluster.endpoints.join(), 'hash'];
    await new Spawned(this.guardian, 'aegis hash', compare).ended;
    await sleep(SEEN_MS_MAX, undefined, { signal: seen }).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
  }
}
