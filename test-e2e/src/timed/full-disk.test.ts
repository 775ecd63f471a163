import { AegisError, type Client, NoSpaceError } from '@aegis/client';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { beforeAll, beforeEach, expect } from '@jest/globals';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, nowMs } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import type { Replica } from '../harness/replica.js';
import { SmallDisk, whyNoSmallDisks } from '../harness/small-disk.js';
import { TestBed } from '../harness/test-bed.js';

/** Three segments of the log, the reserve of the state and what it takes, and some room to fill. */
const DISK_MEBIBYTES = 128;
const RESERVE_BYTES = 24 * 1024 * 1024;
const VALUE = 'x'.repeat(1000);

const bed = new TestBed();
const disks = new Map<Replica, SmallDisk>();
let cluster: Cluster;
let client: Client;

const impossible = whyNoSmallDisks();
if (impossible !== undefined) {
  process.stderr.write(`    full-disk is skipped: ${impossible}\n`);
}

/** A scenario where there are small disks. */
function scenario(name: string, timeoutMs: number, work: () => Promise<void>): void {
  bed.scenario(impossible === undefined ? name : `skipped, ${impossible}: ${name}`, timeoutMs, async () => {
    if (impossible === undefined) await work();
  });
}

beforeAll(async () => {
  if (impossible !== undefined) return;
  cluster = await bed.cluster({ replicas: 3 });
  for (const replica of cluster.replicas) {
    disks.set(replica, new SmallDisk(bed.guardian, replica.dataPath, DISK_MEBIBYTES));
  }
  await cluster.start();
  client = cluster.connect({ requestTimeoutMs: 10_000 });
}, 60_000);

beforeEach(async () => {
  if (impossible !== undefined) return;
  for (const disk of disks.values()) disk.free();
  await cluster.start();
  await alarmed([]);
});

/** Waits until exactly these members stand with NO_SPACE, as all replicas see it. */
async function alarmed(members: readonly number[], withinMs = 20_000): Promise<void> {
  await eventually(
    `NO_SPACE of ${members.length === 0 ? 'nobody' : `members ${members.join()}`}`,
    withinMs,
    async () => {
      const statuses = await cluster.statuses();
      const agreed = statuses.every(({ alarms }) => {
        const seen = alarms.filter(({ kind }) => kind === AlarmKind.NO_SPACE).map(({ memberId }) => memberId);
        return seen.join() === members.join();
      });
      return agreed && statuses.length === cluster.replicas.length ? true : undefined;
    },
  );
}

/** Puts, one after the other, until one is refused for want of space; what was acknowledged. */
class Puts {
  readonly acknowledged: string[] = [];
  refused: NoSpaceError | undefined;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(name: string, parallel = 8) {
    const writers = Array.from({ length: parallel }, (_, at) => this.#write(`${name}/${at}`));
    this.#done = Promise.all(writers).then(() => {});
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#done;
  }

  async #write(prefix: string): Promise<void> {
    for (let at = 0; !this.#stopped; at++) {
      const key = `${prefix}/${at}`;
      try {
        await client.kv.put(key, VALUE);
        this.acknowledged.push(key);
      } catch (error) {
        if (!(error instanceof AegisError)) throw error;
        if (error instanceof NoSpaceError) this.refused ??= error;
        await sleep(20);
      }
    }
  }

  /** Which of the acknowledged are not there. */
  async missing(): Promise<string[]> {
    const missing: string[] = [];
    for (const key of this.acknowledged) {
      if ((await client.kv.get(key)) === undefined) missing.push(key);
    }
    return missing;
  }
}

async function fullUntilRefused(replicas: readonly Replica[], name: string): Promise<Puts> {
  await client.kv.put(`${name}-before`, VALUE);
  const puts = new Puts(name);
  await sleep(500);
  for (const replica of replicas) disks.get(replica)!.fill();
  await eventually('a put refused for want of space', 30_000, () => puts.refused);
  await puts.stop();
  expect(puts.acknowledged.length).toBeGreaterThan(0);
  expect(puts.refused!.definite).toBe(true);
  return puts;
}

/** What must go on, whoever is full. */
async function readsAndDeletesWork(name: string, puts: Puts): Promise<void> {
  expect((await client.kv.get(`${name}-before`))?.value).toBeDefined();
  expect(await puts.missing()).toEqual([]);
  const deleted = await client.kv.delete(`${name}-before`);
  expect(deleted.deleted).toBe(1);
  expect(await client.kv.get(`${name}-before`)).toBeUndefined();
  await client.kv.compact(deleted.revision);
}

async function writesComeBack(replicas: readonly Replica[]): Promise<void> {
  const freedMs = nowMs();
  for (const replica of replicas) disks.get(replica)!.free();
  await eventually('a put after space was freed', 20_000, () =>
    client.kv.put('after', VALUE).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NoSpaceError) return undefined;
        throw error;
      },
    ),
  );
  process.stderr.write(`    space freed, to the next put: ${(nowMs() - freedMs).toFixed(0)} ms\n`);
  await alarmed([]);
}

/** Starts all on disks that are full: each has a reserve for what RocksDB writes before it opens. */
async function startOnFullDisks(): Promise<void> {
  for (const replica of cluster.replicas) replica.start();
  await eventually('every replica ready on a full disk', 30_000, async () => {
    for (const { running, member, process: life } of cluster.replicas) {
      if (!running) throw new Error(`${member.name} ended on a full disk: ${life.stderr.join('\n')}`);
    }
    const answers = await Promise.all(
      cluster.replicas.map((replica) => replica.get('/readyz').catch(() => undefined)),
    );
    return answers.every((answer) => answer?.ok === true) ? true : undefined;
  });
}

function idsOf(replicas: readonly Replica[]): number[] {
  return replicas.map(({ id }) => id).toSorted((a, b) => a - b);
}

for (const who of ['leader', 'follower', 'all'] as const) {
  const text = { leader: 'the leader', follower: 'a follower', all: 'all three' }[who];
  scenario(
    `the disk of ${text} is full: growth is refused, the rest goes on, freed space ends it`,
    120_000,
    async () => {
      const { replica: leader } = await cluster.settled();
      const follower = cluster.replicas.find((replica) => replica !== leader)!;
      const full = { leader: [leader], follower: [follower], all: cluster.replicas }[who];
      // What a session holds, and what keeps it, needs no room.
      const session = client.session(10_000);
      const held = await session.lock(`held-${who}`).acquire();
      const puts = await fullUntilRefused(full, who);
      await alarmed(idsOf(full));
      await readsAndDeletesWork(who, puts);
      await expect(session.lock(`another-${who}`).acquire()).rejects.toBeInstanceOf(NoSpaceError);
      expect(await (await leader.get('/metrics')).text()).toContain(
        `aegis_alarms{kind="NO_SPACE",about="${full[0]!.id}"} 1`,
      );
      await sleep(3_000);
      await alarmed(idsOf(full));
      await held.release();
      await writesComeBack(full);
      expect(await puts.missing()).toEqual([]);
      for (const replica of cluster.replicas) expect(replica.running).toBe(true);
    },
  );
}

scenario(
  'killed again and again while all disks are full: nothing acknowledged is lost',
  180_000,
  async () => {
    const puts = await fullUntilRefused(cluster.replicas, 'killed');
    for (let round = 0; round < 2; round++) {
      await Promise.all(cluster.replicas.map((replica) => replica.kill()));
      await startOnFullDisks();
      expect(reserves()).toEqual([RESERVE_BYTES, RESERVE_BYTES, RESERVE_BYTES]);
      await cluster.settled();
      expect(await puts.missing()).toEqual([]);
      for (const disk of disks.values()) disk.fill();
      await Promise.all(cluster.replicas.map((replica) => replica.kill()));
      await startOnFullDisks();
      expect(reserves()).toEqual([RESERVE_BYTES, RESERVE_BYTES, RESERVE_BYTES]);
      await cluster.settled();
      expect(await puts.missing()).toEqual([]);
      for (const disk of disks.values()) disk.fill();
      await eventually('a put refused', 20_000, () =>
        client.kv.put('refused', VALUE).then(
          () => undefined,
          (error: unknown) => (error instanceof NoSpaceError ? true : undefined),
        ),
      );
    }
    await alarmed(idsOf(cluster.replicas));
    await writesComeBack(cluster.replicas);
    expect(await puts.missing()).toEqual([]);
  },
);

scenario(
  "killed on full disks with RocksDB's log as full as it gets: every start finds room, nothing is lost",
  120_000,
  async () => {
    // Small steps towards the end, so that none of the logs becomes a table before it is looked at.
    const large = (round: number): Buffer =>
      Buffer.concat([Buffer.alloc(round < 7 ? 100_000 : 40_000, 'x'), Buffer.from(String(round))]);
    const put = (round: number): Promise<unknown> =>
      Promise.all(Array.from({ length: 10 }, (_, at) => client.kv.put(`large/${at}`, large(round))));
    const logs = (): number[] => cluster.replicas.map(({ dataPath }) => storageLogBytes(dataPath));
    // All begin with logs that are nearly empty: one that were ahead would be a table before the others are there.
    await Promise.all(cluster.replicas.map((replica) => replica.kill()));
    await cluster.start();
    // Just before two memtables become a table.
    let round = 0;
    await eventually("RocksDB's logs holding 7 MiB", 60_000, async () => {
      await put(round++);
      await sleep(1_100);
      return Math.min(...logs()) >= 7 * 1024 * 1024 ? true : undefined;
    });
    for (const disk of disks.values()) disk.fill();
    await Promise.all(cluster.replicas.map((replica) => replica.kill()));
    process.stderr.write(
      `    RocksDB's logs when killed: ${logs()
        .map((bytes) => (bytes / 1e6).toFixed(1))
        .join(', ')} MB\n`,
    );
    await startOnFullDisks();
    await cluster.settled();
    for (let at = 0; at < 10; at++) {
      const found = await client.kv.get(`large/${at}`);
      expect(Buffer.from(found!.value).equals(large(round - 1))).toBe(true);
    }
    await writesComeBack(cluster.replicas);
  },
);

/** What each has kept for its next start. */
function reserves(): number[] {
  return cluster.replicas.map(({ dataPath }) => statSync(join(dataPath, 'state.reserve')).size);
}

/** What RocksDB's write-ahead logs hold. */
function storageLogBytes(dataPath: string): number {
  const state = join(dataPath, 'state');
  const files = readdirSync(state).flatMap((folder) =>
    readdirSync(join(state, folder))
      .filter((name) => name.endsWith('.log'))
      .map((name) => join(state, folder, name)),
  );
  // RocksDB deletes a log whenever its rows are in a table, also between the two looks.
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
