import { type Client, VersionUnsupportedError } from '@aegis/client';
import { expect } from '@jest/globals';

import { changedReplica } from './harness/broken-copy.js';
import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { REPLICA_PROGRAM } from './harness/programs.js';
import { TestBed } from './harness/test-bed.js';

/** Software to come: it says that it knows version 2, which means the same. Nothing in the product can be told so. */
const KNOWS_2 = { file: 'state/version.js', find: 'STATE_VERSION = 1', put: 'STATE_VERSION = 2' };
/** A leader that does not ask whether all know it. */
const ASKS_NOBODY = {
  file: 'server/versions/judge-version.js',
  find: 'if (lacking.length === 0)',
  put: 'if (true)',
};

const bed = new TestBed();

async function upgrade(cluster: Cluster, ids: readonly number[], program: string): Promise<void> {
  for (const id of ids) {
    const replica = cluster.replica(id);
    replica.signal('SIGTERM');
    expect(await replica.process.status(15_000)).toBe(0);
    replica.program = program;
    await cluster.start();
  }
}

async function lead(client: Client, id: number): Promise<void> {
  await eventually(`member ${id} leading`, 15_000, () =>
    client.cluster.transferLeadership(id).then(
      ({ leaderId }) => (leaderId === id ? true : undefined),
      () => undefined,
    ),
  );
}

bed.scenario(
  'a rolling upgrade: the version rises when the last member knows it, and old software is refused then',
  150_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 3 });
    await cluster.start();
    const client = cluster.connect();
    await client.kv.put('old', 'value');
    const raise = (): Promise<number> => client.cluster.raiseVersion(2);

    // Nobody knows it; then two of three do, one of them leading.
    await expect(raise()).rejects.toThrow(
      /member 1 \(aegis-1\) knows 1, member 2 .* knows 1, member 3 .* knows 1/,
    );
    const program = changedReplica(bed.subfolder('version-2'), KNOWS_2);
    await upgrade(cluster, [1, 2], program);
    await lead(client, 1);
    const refused = await raise().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(VersionUnsupportedError);
    expect((refused as Error).message).toContain('version 2: member 3 (aegis-3) knows 1. Upgrade');
    // The two versions live together.
    await client.kv.put('mixed', 'value');

    // One that is down may be one that does not know it.
    cluster.replica(3).signal('SIGTERM');
    await cluster.replica(3).process.ended;
    await eventually('the member being missed', 10_000, async () => {
      const why = await raise().catch((error: unknown) => String(error));
      return String(why).includes('member 3 (aegis-3) is not connected') ? true : undefined;
    });

    cluster.replica(3).program = program;
    await cluster.start();
    const shown = bed.aegis(['--endpoints', cluster.endpoints.join(), 'state-version', 'raise', '2']);
    expect(await shown.status(15_000)).toBe(0);
    expect(shown.stdout.join('\n')).toBe('the cluster has agreed on state machine version 2');
    await eventually('all having applied it', 10_000, async () =>
      (await cluster.statuses()).every(({ clusterVersion }) => clusterVersion === 2) ? true : undefined,
    );
    await expect(client.cluster.raiseVersion(1)).rejects.toThrow('it must be 2 or more: it never falls');
    expect(await raise()).toBe(2);

    // The state is in its storage by the time of a stop in good order.
    const back = cluster.replica(2);
    back.signal('SIGTERM');
    await back.process.ended;
    back.program = REPLICA_PROGRAM;
    const started = back.start();
    expect(await started.status(15_000)).toBe(65);
    expect(started.stderr.join('\n')).toContain(
      'the state is of state machine version 2, and this software knows 1: start a newer version of AEGIS',
    );
    back.program = program;
    await cluster.start();
    expect((await client.kv.get('old'))?.value).toEqual(Buffer.from('value'));
    expect((await client.kv.get('mixed'))?.value).toEqual(Buffer.from('value'));
    await cluster.stop();
  },
);

bed.scenario(
  'a replica that meets a command of a later version stops at it, and says so',
  90_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 3 });
    const program = changedReplica(bed.subfolder('careless'), KNOWS_2, ASKS_NOBODY);
    cluster.replica(1).program = program;
    cluster.replica(2).program = program;
    await cluster.start();
    const client = cluster.connect();
    await lead(client, 1);
    expect(await client.cluster.raiseVersion(2)).toBe(2);
    const old = cluster.replica(3);
    expect(await old.process.status(15_000)).toBe(65);
    expect(old.process.stderr.join('\n')).toMatch(
      /aegis-replica: log entry \d+: it raises the cluster to state machine version 2, and this software knows 1; this replica stops rather than skip it/,
    );
    // Started again it comes to the same entry; with the software that knows it, it goes on.
    expect(await old.start().status(15_000)).toBe(65);
    old.program = changedReplica(bed.subfolder('version-2-again'), KNOWS_2);
    await cluster.start();
    await client.kv.put('after', 'value');
    await cluster.stop();
  },
);
