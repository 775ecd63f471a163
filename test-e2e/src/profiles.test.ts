import { credentials } from '@grpc/grpc-js';
import { KVClient, KvWatchCreate, type KvWatchResponse } from '@aegis/proto/v1/kv';
import { LocksClient } from '@aegis/proto/v1/lock';
import { expect } from '@jest/globals';

import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

const bed = new TestBed();

/** A command of each service. */
const COMMANDS = {
  Locks: ['lock', 'demo', '--', 'true'],
  Elections: ['elect', 'primary', 'me', '--', 'true'],
  KV: ['kv', 'put', 'a', '1'],
  Leases: ['lease', 'list'],
} as const;

type Service = keyof typeof COMMANDS;

/** One replica is enough to say what is open; `named` are the flags that `make up` passes on. */
async function opens(
  named: readonly string[],
  profile: string,
  open: readonly Service[],
): Promise<UpCluster> {
  const cluster = await UpCluster.start(bed, `profile-${profile}`, 1, '--insecure', ...named);
  expect(await cluster.json('status')).toMatchObject({ profile });
  for (const [service, command] of Object.entries(COMMANDS)) {
    const ran = cluster.aegis(...command);
    const status = await ran.status(20_000);
    if (open.includes(service as Service)) {
      expect([service, status, ran.stderr]).toEqual([service, 0, []]);
      continue;
    }
    expect([service, status === 0]).toEqual([service, false]);
    expect(ran.stderr.join('\n')).toContain(`${service} is not open in the profile ${profile}`);
  }
  return cluster;
}

async function addressOf(cluster: UpCluster): Promise<string> {
  const { members } = await cluster.status();
  return members[0]!.address;
}

bed.scenario('without a profile, a cluster opens all services', 60_000, async () => {
  await opens([], 'all', ['Locks', 'Elections', 'KV', 'Leases']);
});

bed.scenario('the profile kv opens keys and leases, and nothing else', 60_000, async () => {
  const cluster = await opens(['--profile', 'kv'], 'kv', ['KV', 'Leases']);
  const locks = new LocksClient(await addressOf(cluster), credentials.createInsecure());
  const watch = locks.watch({ name: 'demo' });
  const refused = await new Promise<Error>((resolve) => watch.once('error', resolve));
  expect(refused.message).toContain('Locks is not open in the profile kv');
  locks.close();
});

bed.scenario('the profile locks opens locks, elections and leases, and nothing else', 60_000, async () => {
  const cluster = await opens(['--profile', 'locks'], 'locks', ['Locks', 'Elections', 'Leases']);
  const keys = new KVClient(await addressOf(cluster), credentials.createInsecure());
  const watch = keys.watch();
  const refused = new Promise<Error>((resolve) => watch.once('error', resolve));
  watch.on('data', (response: KvWatchResponse) => expect(response).toBeUndefined());
  watch.write({ request: { $case: 'create', value: KvWatchCreate.create({ key: Buffer.from('a') }) } });
  expect((await refused).message).toContain('KV is not open in the profile locks');
  keys.close();
});
