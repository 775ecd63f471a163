import { beforeAll, expect } from '@jest/globals';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nowMs } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { FirstWrite } from './harness/first-write.js';
import { LogFile } from './harness/log-file.js';
import type { Replica } from './harness/replica.js';
import type { Spawned } from './harness/spawned.js';
import { Squatter } from './harness/squatter.js';
import { TestBed } from './harness/test-bed.js';

const START_MS = 15_000;

const bed = new TestBed();
let cluster: Cluster;
/** The one that is stopped and given something bad; the other two must go on. */
let victim: Replica;
let others: FirstWrite;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  victim = (await cluster.settled()).replica;
  const rest = cluster.replicas.filter((replica) => replica !== victim);
  const endpoints = rest.map(({ member }) => member.clientAddress);
  // Its log should be more than one batch long.
  others = await FirstWrite.over([cluster.connect({ endpoints })]);
  for (let write = 0; write < 20; write++) await others.since(nowMs());
  await victim.kill();
  await cluster.leader();
}, 60_000);

/** Starts the victim, which must refuse: what it says about it. */
async function refusal(status: number, flags: readonly string[] = []): Promise<string> {
  const life = victim.start(flags);
  expect(await life.status(START_MS)).toBe(status);
  expect(await others.since(nowMs())).toBeLessThan(3_000);
  return life.stderr.join('\n');
}

/** Starts the victim, which must run, and stops it again. */
async function runs(): Promise<Spawned> {
  const life = victim.start();
  await cluster.settled();
  await victim.kill();
  await cluster.leader();
  return life;
}

async function withBackup(work: () => Promise<void>): Promise<void> {
  const backup = join(bed.folder, 'backup');
  cpSync(victim.dataPath, backup, { recursive: true });
  try {
    await work();
  } finally {
    await victim.kill();
    rmSync(victim.dataPath, { recursive: true });
    cpSync(backup, victim.dataPath, { recursive: true });
    rmSync(backup, { recursive: true });
  }
}

function settings(name: string, text: string): readonly string[] {
  const path = join(bed.folder, `${name}.yaml`);
  const head = 'apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata:\n  name: test\nspec:\n';
  writeFileSync(path, `${head}${text}`);
  return ['--settings', path];
}

bed.scenario('settings with an unknown field, naming the field and what is meant', 30_000, async () => {
  const said = await refusal(64, settings('unknown', '  consensus:\n    electionTimeoutMillis: 1000\n'));
  expect(said).toContain('unknown.yaml');
  expect(said).toContain('spec.consensus.electionTimeoutMillis');
  expect(said).toContain('electionTimeoutMs');
});

bed.scenario('settings that are unsafe together, naming the rule', 30_000, async () => {
  const text = '  consensus:\n    heartbeatIntervalMs: 500\n    electionTimeoutMs: 1000\n';
  const said = await refusal(64, settings('unsafe', text));
  expect(said).toContain('unsafe.yaml');
  expect(said).toMatch(/heartbeat/i);
  expect(await refusal(64, settings('size', '  consensus:\n    maxBatchBytes: -1\n'))).toContain(
    'spec.consensus.maxBatchBytes',
  );
  expect(await refusal(64, settings('profile', '  profile: zk\n'))).toMatch(/spec\.profile.*zk/s);
  expect(await refusal(64, ['--settings', join(bed.folder, 'none.yaml')])).toContain('none.yaml');
});

bed.scenario('wrong flags, naming the flag', 30_000, async () => {
  expect(await refusal(64, ['--tls', bed.folder])).toContain('--tls');
  expect(await refusal(64, ['--log-level', 'loud'])).toContain('--log-level');
  expect(await refusal(64, ['--no-such-flag'])).toContain('--no-such-flag');
});

for (const port of ['clientAddress', 'peerAddress', 'metricsAddress'] as const) {
  bed.scenario(`a ${port.replace('Address', '')} port in use, naming it`, 30_000, async () => {
    const address = victim.member[port];
    const squatter = await Squatter.on(address);
    try {
      const said = await refusal(75);
      expect(said).toContain(address);
      expect(said).toMatch(/in use|EADDRINUSE/i);
    } finally {
      squatter.close();
    }
  });
}

bed.scenario('a data folder of another cluster, naming both', 30_000, async () => {
  const own = join(bed.folder, 'cluster-0', 'bootstrap.json');
  const other = join(bed.folder, 'other-bootstrap.json');
  const record = JSON.parse(readFileSync(own, 'utf8')) as { clusterId: string };
  const otherId = '00000000-1111-2222-3333-444444444444';
  writeFileSync(other, JSON.stringify({ ...record, clusterId: otherId }));
  const said = await refusal(65, ['--bootstrap', other]);
  expect(said).toContain(victim.dataPath);
  expect(said).toContain(cluster.id);
  expect(said).toContain(otherId);
});

bed.scenario('an empty folder that nobody listed begins nothing: it waits to be added', 30_000, async () => {
  const life = victim.start(['--data', join(bed.folder, 'stranger')]);
  await life.line('that it joins', START_MS, (line) => /joining.*nonce/.test(line));
  expect(await others.since(nowMs())).toBeLessThan(3_000);
  expect(life.running).toBe(true);
  await victim.kill();
});

bed.scenario('a data folder of a newer version, saying which', 30_000, async () => {
  await withBackup(async () => {
    const file = join(victim.dataPath, 'identity.json');
    const identity = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...identity, formatVersion: 99 }));
    const said = await refusal(65);
    expect(said).toContain(file);
    expect(said).toMatch(/format 99.*newer version/s);
  });
});

bed.scenario(
  'a damaged record in the middle of the log, naming file and offset and changing nothing',
  30_000,
  async () => {
    await withBackup(async () => {
      const log = LogFile.newestOf(victim.dataPath);
      expect(log.batches.length).toBeGreaterThan(4);
      const batch = log.batches[Math.floor(log.batches.length / 2)]!;
      log.rot(batch);
      const damaged = readFileSync(log.path);
      const said = await refusal(65);
      expect(said).toContain(log.path);
      expect(said).toContain(`byte ${batch.offset}`);
      expect(said).toMatch(/replace this member/i);
      expect(readFileSync(log.path).equals(damaged)).toBe(true);
    });
  },
);

bed.scenario('a log that is gone', 30_000, async () => {
  await withBackup(async () => {
    rmSync(join(victim.dataPath, 'log'), { recursive: true });
    expect(await refusal(65)).toMatch(/log.*replace this member/is);
  });
});

bed.scenario('but not a torn tail: it is cut, reported, and the replica goes on', 40_000, async () => {
  const { offset } = LogFile.newestOf(victim.dataPath).tear(200);
  const life = await runs();
  const report = life.stderr.find((line) => line.includes('torn tail'));
  expect(report).toContain(`"offset":${offset}`);
  expect(report).toContain('.segment');
});

bed.scenario('a data folder that another process has open; that one goes on', 40_000, async () => {
  const first = victim.start();
  await cluster.settled();
  const second = bed.spawn('a second process', [...first.argv]);
  expect(await second.status(START_MS)).toBe(75);
  expect(second.stderr.join('\n')).toContain(victim.dataPath);
  expect(first.running).toBe(true);
  await cluster.settled();
  await victim.kill();
});
