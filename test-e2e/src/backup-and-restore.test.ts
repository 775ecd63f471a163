import { type Client, connect, type KeyValue, op } from '@aegis/client';
import { ClusterClient, type HashResponse } from '@aegis/proto/v1/cluster';
import { credentials } from '@grpc/grpc-js';
import { beforeAll, expect } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { refusalOfPeer } from './harness/old-peer.js';
import { freePorts } from './harness/ports.js';
import { AEGIS_PROGRAM } from './harness/programs.js';
import { TestBed } from './harness/test-bed.js';

const JUMP = 1_000_000_000;
const KEYS = 2_000;
const VALUE = 'x'.repeat(2_000);
/** Of each writer, from one round to the next: what restores beside it has processors, too. */
const THINK_MS = 20;

interface Backup {
  readonly digest: string;
  readonly contentHash: string;
  readonly clusterId: string;
  readonly index: number;
  readonly revision: number;
  readonly newestToken: number;
  readonly bytes: number;
}
interface Restored {
  readonly clusterId: string;
  readonly from: string;
  readonly stateHash: string;
  readonly revision: number;
  readonly newestToken: number;
  readonly keys: number;
}

const bed = new TestBed();
let cluster: Cluster;
let client: Client;
beforeAll(async () => {
  // Slow enough that much is written while the backup is on its way, and that it can be cut.
  cluster = await bed.cluster({ replicas: 3, consensus: { snapshotBytesPerSecond: 2 * 1024 * 1024 } });
  await cluster.start();
  client = cluster.connect();
  await Promise.all(Array.from({ length: KEYS }, (_, at) => client.kv.put(`filling/${at}`, VALUE)));
}, 60_000);

const old = (...args: string[]) => bed.aegis([...args, '--endpoints', cluster.endpoints.join()]);

/** Runs a command that must succeed; its JSON. */
async function json<T>(args: readonly string[], withinMs = 60_000): Promise<T> {
  const ran = bed.aegis([...args, '--json']);
  if ((await ran.status(withinMs)) !== 0) throw new Error(ran.tail());
  return JSON.parse(ran.stdout.join('\n')) as T;
}

async function all(from: Client, revision?: number): Promise<KeyValue[]> {
  const found: KeyValue[] = [];
  for await (const kv of from.kv.prefix('', revision === undefined ? {} : { revision })) found.push(kv);
  return found;
}

function hashOf(endpoint: string, contents: boolean): Promise<HashResponse> {
  const asked = new ClusterClient(endpoint, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    asked.hash({ contents, scrubIndex: 0 }, (error, answer) => {
      asked.close();
      if (error === null) resolve(answer);
      else reject(error);
    });
  });
}

/** Pairs of keys that are always equal, one of them on a lease now and then, and a lock that changes hands. */
class Writers {
  acknowledged = 0;
  #stopping = false;
  readonly #loops: Promise<void>[];

  constructor(writer: Client, lease: string) {
    this.#loops = Array.from({ length: 8 }, async (_, at) => {
      for (let round = 0; !this.#stopping; round++) {
        const value = `${round}`;
        const both = [op.put(`pair/${at}/a`, value), op.put(`pair/${at}/b`, value)];
        await writer.kv
          .txn()
          .do(...both)
          .commit();
        await writer.kv.put(`leased/${at}`, value, { lease });
        await writer.lock(`lock-${at}`).run(async () => {});
        this.acknowledged++;
        await sleep(THINK_MS);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
  }
}

bed.scenario(
  'what comes out of a backup is the cluster as it was at one revision, and nothing of it is alive',
  180_000,
  async () => {
    const { lease } = await client.leases.grant(600_000);
    const held = await client.session(60_000).lock('held').acquire();
    const writers = new Writers(client, lease);
    await eventually('writes', 20_000, () => (writers.acknowledged > 20 ? true : undefined));
    const file = join(bed.folder, 'f.aegis');
    const before = writers.acknowledged;
    const backup = await json<Backup>(['backup', file, '--endpoints', cluster.endpoints.join()]);
    const meanwhile = writers.acknowledged - before;
    expect(meanwhile).toBeGreaterThan(20);
    await eventually('writes after it', 20_000, () =>
      writers.acknowledged > before + meanwhile + 5 ? true : undefined,
    );
    await writers.stop();
    expect(backup.clusterId).toBe(cluster.id);
    expect(readFileSync(file)).toHaveLength(backup.bytes);
    const verified = await json<Backup>(['backup', 'verify', file]);
    expect(verified.digest).toBe(backup.digest);

    const folder = join(bed.folder, 'restored');
    const down = [AEGIS_PROGRAM, 'down', '--volumes', '--dir', folder];
    bed.guardian.run(folder, down);
    bed.atEnd(async () => void (await bed.spawn('aegis down', down).ended));
    const port = await freePorts(50);
    const flags = ['--dir', folder, '--base-port', `${port}`, '--replicas', '5', '--insecure'];
    const restored = await json<Restored>(['restore', file, ...flags]);
    expect(restored).toMatchObject({
      from: cluster.id,
      revision: expect.any(Number),
      newestToken: backup.newestToken + JUMP,
    });
    expect(restored.clusterId).not.toBe(cluster.id);
    expect(restored.revision).toBeGreaterThanOrEqual(backup.revision + JUMP);
    expect(await bed.aegis(['up', '--detach', '--dir', folder]).status(60_000)).toBe(0);
    const endpoints = Array.from({ length: 5 }, (_, at) => `127.0.0.1:${port + 10 * at}`);
    const fresh = connect({ endpoints });
    try {
      const cut = (await all(client, backup.revision)).filter(({ lease: on }) => on === '0');
      expect(cut.length).toBe(KEYS + 16);
      expect(cut).not.toEqual((await all(client)).filter(({ lease: on }) => on === '0'));
      expect(await all(fresh)).toEqual(cut);
      const values = new Map(cut.map(({ key, value }) => [key.toString(), value.toString()]));
      for (let at = 0; at < 8; at++) expect(values.get(`pair/${at}/a`)).toBe(values.get(`pair/${at}/b`));

      await expect(fresh.kv.get('pair/0/a', { revision: backup.revision })).rejects.toMatchObject({
        code: 'COMPACTED',
      });
      const late = fresh.kv.watch({ prefix: 'pair/', fromRevision: backup.revision });
      await expect(late.next()).rejects.toMatchObject({
        code: 'COMPACTED',
        message: expect.stringContaining(`${restored.revision}`),
      });
      const { newestToken } = (await cluster.statuses())[0]!;
      const { revision } = await client.kv.page({ key: 'none' });
      const put = await fresh.kv.put('pair/0/a', 'new');
      expect(put.revision).toBe(restored.revision + 1);
      expect(put.revision).toBeGreaterThan(revision);
      expect((await fresh.leases.list()).leases).toEqual([]);
      await expect(fresh.leases.timeToLive(held.lease)).rejects.toMatchObject({ code: 'LEASE_NOT_FOUND' });
      const taken = await fresh.session(10_000).lock('held').acquire();
      expect(taken.token).toBeGreaterThan(newestToken);
      await taken.release();

      const hashes = await eventually('all members at one index', 20_000, async () => {
        const answers = await Promise.all(endpoints.map((endpoint) => hashOf(endpoint, true)));
        return new Set(answers.map(({ index }) => index)).size === 1 ? answers : undefined;
      });
      expect(new Set(hashes.map(({ chainedHash }) => chainedHash)).size).toBe(1);
      expect(new Set(hashes.map(({ contentHash }) => contentHash)).size).toBe(1);

      const reason = await refusalOfPeer(`127.0.0.1:${port + 1}`, cluster.id);
      expect(reason).toContain(cluster.id);
      expect(reason).toContain(restored.clusterId);
    } finally {
      await fresh.close();
      await held.release();
    }
  },
);

bed.scenario('the content hash of a backup is that of the replicas at its index', 60_000, async () => {
  const file = join(bed.folder, 'quiet.aegis');
  for (const { lease } of (await client.leases.list()).leases) await client.leases.revoke(lease);
  await eventually('a backup and a hash of one index', 30_000, async () => {
    const args = ['backup', '--force', file, '--endpoints', cluster.endpoints.join()];
    const backup = await json<Backup>(args);
    const answer = await hashOf(cluster.endpoints[0]!, true);
    if (answer.index !== backup.index) return undefined;
    expect(answer.contentHash).toBe(backup.contentHash);
    return true;
  });
});

bed.scenario('a backup that is cut leaves no file, and says why', 60_000, async () => {
  const file = join(bed.folder, 'cut.aegis');
  const parts = () => readdirSync(bed.folder).filter((name) => name.startsWith('cut.aegis.'));
  const bytesCame = () =>
    eventually('bytes coming', 20_000, () =>
      parts().some((name) => statSync(join(bed.folder, name)).size > 0) ? true : undefined,
    );
  const interrupted = old('backup', file);
  await bytesCame();
  interrupted.signal('SIGINT');
  expect(await interrupted.status(10_000)).toBe(130);
  expect([parts(), existsSync(file)]).toEqual([[], false]);

  const followers = cluster.replicas.filter(({ running }) => running);
  const { replica: leader } = await cluster.settled();
  const one = followers.find((replica) => replica !== leader)!;
  const cut = bed.aegis(['backup', file, '--endpoints', one.member.clientAddress]);
  await bytesCame();
  await one.kill();
  expect(await cut.status(20_000)).not.toBe(0);
  expect(cut.stderr.join('\n')).toContain(one.member.clientAddress);
  expect([parts(), existsSync(file)]).toEqual([[], false]);
  one.start();
  await cluster.settled();
});

bed.scenario('no more than two at once, and a client that stands still holds up nobody', 60_000, async () => {
  const { replica: leader } = await cluster.settled();
  const { clientAddress } = cluster.replicas.find((replica) => replica !== leader)!.member;
  const still = [1, 2].map((at) =>
    bed.aegis(['backup', join(bed.folder, `still-${at}`), '--endpoints', clientAddress]),
  );
  await eventually('both under way', 20_000, () =>
    readdirSync(bed.folder).filter(
      (name) => name.startsWith('still-') && statSync(join(bed.folder, name)).size > 0,
    ).length === 2
      ? true
      : undefined,
  );
  for (const each of still) each.signal('SIGSTOP');
  const third = bed.aegis(['backup', join(bed.folder, 'third'), '--endpoints', clientAddress]);
  expect(await third.status(20_000)).toBe(1);
  expect(third.stderr.join('\n')).toMatch(/backups that a replica sends at once.*OVERLOADED/);
  // Asked of all, another replica does it.
  expect(await old('backup', join(bed.folder, 'third')).status(30_000)).toBe(0);
  for (let at = 0; at < 100; at++) await client.kv.put('while they stand still', `${at}`);
  for (const each of still) each.signal('SIGCONT');
  for (const each of still) expect(await each.status(30_000)).toBe(0);
});

bed.scenario('a file that is damaged, or a folder that is in use, is not restored', 60_000, async () => {
  const file = join(bed.folder, 'third');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  const damaged = join(bed.folder, 'damaged');
  writeFileSync(damaged, bytes);
  const dir = join(bed.folder, 'nothing');
  for (const args of [
    ['backup', 'verify', damaged],
    ['restore', damaged, '--dir', dir],
  ]) {
    const refused = bed.aegis(args);
    expect(await refused.status(30_000)).toBe(1);
    expect(refused.stderr.join('\n')).toMatch(/bytes from \d+ on are damaged\. Use another copy/);
  }
  expect(existsSync(dir)).toBe(false);
  const taken = bed.aegis(['restore', file, '--dir', join(bed.folder, 'restored')]);
  expect(await taken.status(30_000)).toBe(1);
  expect(taken.stderr.join('\n')).toMatch(/holds cluster .*: nothing is restored over it/);
});
