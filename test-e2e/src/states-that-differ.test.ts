import { CorruptError } from '@aegis/client';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { expect } from '@jest/globals';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { changedReplica, MISAPPLIES } from './harness/broken-copy.js';
import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

interface Hashes {
  readonly index: number;
  readonly agree: boolean;
  readonly members: readonly {
    readonly id: number;
    readonly chained: string | null;
    readonly contents: string | null;
  }[];
}

/** Applies well, and stores other bytes: rot that no checksum sees. */
const MISSTORES = {
  file: 'state/storage/rocksdb.js',
  find: 'batch._put(key, value);',
  put: "batch._put(key, Buffer.from(Buffer.from(value).toString('latin1').replace('precious', 'worthles'), 'latin1'));",
};

const bed = new TestBed();

async function hashes(cluster: Cluster): Promise<Hashes> {
  const ran = bed.aegis(['--endpoints', cluster.endpoints.join(), '--json', 'hash']);
  await ran.status(60_000);
  if (ran.stdout.length === 0) throw new Error(ran.tail());
  return JSON.parse(ran.stdout.join('')) as Hashes;
}

async function alarms(cluster: Cluster, ...args: string[]): Promise<{ status: number; said: string }> {
  const ran = bed.aegis(['--endpoints', cluster.endpoints.join(), 'alarms', ...args]);
  return { status: await ran.status(30_000), said: ran.stdout.join('\n') };
}

/** It ended by itself, for good, and said what is to be done. */
async function stoppedAsDiverged(wrong: Replica, kind: string): Promise<void> {
  expect(await wrong.process.status(20_000)).toBe(67);
  const said = wrong.process.stderr.join('\n');
  expect(said).toMatch(
    new RegExp(
      `aegis-replica: after log entry \\d+ ${kind} is \\w+ on member ${wrong.id}, and [0-9a-f]{64} on a quorum \\(members [\\d, ]+\\)`,
    ),
  );
  expect(said).toContain(`move ${wrong.dataPath} aside`);
  expect(said).toContain(`aegis members remove ${wrong.id}`);
  const again = wrong.start();
  expect(await again.status(20_000)).toBe(67);
  expect(again.stderr.join('\n')).toContain(`${wrong.dataPath} is not used any more: after log entry`);
}

bed.scenario('members in the same state agree, as aegis hash and the metrics say', 60_000, async () => {
  const cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  const client = cluster.connect();
  await Promise.all(Array.from({ length: 100 }, (_, at) => client.kv.put(`key/${at}`, 'value')));
  const seen = await hashes(cluster);
  expect(seen.agree).toBe(true);
  expect(seen.members.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(new Set(seen.members.map(({ contents }) => contents)).size).toBe(1);
  expect(seen.members[0]!.contents).toMatch(/^[0-9a-f]{64}$/);
  await eventually('agreement in the metrics', 10_000, async () => {
    const page = await (await cluster.replicas[0]!.get('/metrics')).text();
    return page.includes(`aegis_state_hash_agreed_index{kind="contents"} ${seen.index}`) ? true : undefined;
  });
  expect(await alarms(cluster)).toEqual({ status: 0, said: 'no alarm is raised' });
  await cluster.stop();
});

bed.scenario('a replica that applies something else stops, and the others go on', 90_000, async () => {
  const cluster = await bed.cluster({ replicas: 3 });
  const wrong = cluster.replicas[1]!;
  wrong.program = changedReplica(bed.subfolder('misapplies'), MISAPPLIES);
  await cluster.start();
  const client = cluster.connect();
  const session = client.session(20_000);
  await (await session.lock('a').acquire()).release();
  // A renewal, which is applied differently.
  const { lease } = await client.leases.grant(30_000);
  await client.leases.keepAlive([lease]);
  await hashes(cluster).catch(() => {});
  await stoppedAsDiverged(wrong, 'the hash of all that was applied');
  await client.kv.put('after', 'x');
  const rest = await hashes(cluster);
  expect(rest.members.find((member) => member.id === wrong.id)!.contents).toBeNull();
  expect(rest.agree).toBe(true);
  await cluster.stop();
});

bed.scenario('rows that are not what apply wrote stop their replica at the next scrub', 90_000, async () => {
  const cluster = await bed.cluster({ replicas: 3 });
  const wrong = cluster.replicas[2]!;
  wrong.program = changedReplica(bed.subfolder('misstores'), MISSTORES);
  await cluster.start();
  const client = cluster.connect();
  await client.kv.put('key', 'precious');
  // Until it is in the storage, the scrub takes it from memory.
  await eventually('the row being compared as it is stored', 30_000, async () => {
    await hashes(cluster).catch(() => {});
    return wrong.running ? undefined : true;
  });
  await stoppedAsDiverged(wrong, 'the hash of all rows');
  await client.kv.put('after', 'x');
  await cluster.stop();
});

bed.scenario("bytes that flip in one replica's RocksDB are found while it runs", 90_000, async () => {
  const cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  const client = cluster.connect();
  await Promise.all(
    Array.from({ length: 500 }, (_, at) => client.kv.put(`key/${at}`, `value of ${at} `.repeat(20))),
  );
  const damaged = cluster.replicas[0]!;
  // A start brings what RocksDB's own log holds into its tables.
  damaged.signal('SIGTERM');
  await damaged.process.ended;
  await cluster.start();
  expect((await hashes(cluster)).agree).toBe(true);
  flipBytes(join(damaged.dataPath, 'state'));
  await hashes(cluster).catch(() => {});
  await stoppedAsDiverged(damaged, 'the hash of all rows');
  expect(damaged.everythingSaid()).toContain('a scrub could not read all rows');
  await client.kv.put('after', 'x');
  await cluster.stop();
});

bed.scenario('two states of two members each: CORRUPT, no writes, until it is cleared', 90_000, async () => {
  const cluster = await bed.cluster({ replicas: 4 });
  const program = changedReplica(bed.subfolder('misapplies-twice'), MISAPPLIES);
  cluster.replicas[2]!.program = program;
  cluster.replicas[3]!.program = program;
  await cluster.start();
  const client = cluster.connect();
  const { lease } = await client.leases.grant(60_000);
  await client.leases.keepAlive([lease]);
  expect((await hashes(cluster)).agree).toBe(false);
  await eventually('CORRUPT on all four', 20_000, async () => {
    const all = await cluster.statuses();
    return all.length === 4 && all.every((one) => one.alarms.some(({ kind }) => kind === AlarmKind.CORRUPT))
      ? true
      : undefined;
  });
  for (const replica of cluster.replicas) expect(replica.running).toBe(true);
  const refused = await client.kv.put('key', 'value').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CorruptError);
  expect((refused as CorruptError).definite).toBe(true);
  expect(await client.kv.get('key')).toBeUndefined();
  await client.leases.keepAlive([lease]);
  expect(await alarms(cluster)).toMatchObject({ status: 1, said: expect.stringMatching(/^CORRUPT +\d/m) });
  expect((await alarms(cluster, 'clear')).said).toBe('no alarm is raised');
  await client.kv.put('key', 'value');
  await cluster.stop();
});

/** One byte in every 4 KiB of every table. */
function flipBytes(statePath: string): void {
  let flipped = 0;
  for (const folder of readdirSync(statePath)) {
    for (const name of readdirSync(join(statePath, folder))) {
      if (!name.endsWith('.sst')) continue;
      const path = join(statePath, folder, name);
      const bytes = readFileSync(path);
      const file = openSync(path, 'r+');
      // The footer and the index are read at the opening only.
      for (let at = 100; at < bytes.length - 4096; at += 4096, flipped++)
        writeSync(file, Buffer.from([bytes[at]! ^ 0xff]), 0, 1, at);
      closeSync(file);
    }
  }
  if (flipped === 0) throw new Error(`${statePath} has no tables`);
}
