import { connect, type Client } from '@aegis/client';
import { GitRepository, SupervisorSocket } from '@aegis/client/config';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from './harness/clock.js';
import { Person } from './harness/person.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

const ROLL_MS = 120_000;

const bed = new TestBed();
let cluster: UpCluster;
let ada: Person;
let client: Client;
let endpoints: string[];
beforeAll(async () => {
  // So that the agent can have a user of its own.
  chmodSync(bed.folder, 0o711);
  cluster = await UpCluster.start(bed, 'merged', 5, '--agent', '--allow-faults');
  ada = new Person(cluster);
  const { members } = await cluster.status();
  endpoints = members.map(({ address }) => address);
  client = connect({ endpoints, tls: cluster.tls('client') });
}, 120_000);
afterAll(async () => {
  await client?.close();
});

const applied = (commit: string) =>
  eventually('the settings of the commit on every replica', ROLL_MS, async () => {
    const now = cluster.settingsState();
    return now.commit === commit && now.condition.state === 'InSync' ? now : undefined;
  });

bed.scenario(
  'a merge is live on five replicas, one restarted after the other, and no write of a client fails',
  240_000,
  async () => {
    const before = await cluster.status();
    let writing = true;
    let writes = 0;
    const failures: unknown[] = [];
    const writers = Array.from({ length: 8 }, async (_, at) => {
      while (writing) {
        await client.kv.put(`key-${at}`, String(writes++)).catch((error: unknown) => failures.push(error));
      }
    });
    const commit = ada.mergeSettings('slower-elections', { electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 });
    const { settings, members } = await applied(commit);
    writing = false;
    await Promise.all(writers);
    expect(failures).toEqual([]);
    expect(writes).toBeGreaterThan(100);
    expect(settings).toMatchObject({ electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 });
    expect(Object.values(members)).toHaveLength(5);
    expect(await cluster.electionTimeouts()).toEqual([1.2, 1.2, 1.2, 1.2, 1.2]);
    const after = await cluster.status();
    const pids = new Set(before.members.map(({ pid }) => pid));
    expect(after.members.every(({ pid, healthy }) => healthy && !pids.has(pid))).toBe(true);
    const shared = await cluster.json<{ leaseMinTtlMs: number }>('settings');
    expect(shared.leaseMinTtlMs).toBe(3_000);
  },
);

bed.scenario(
  'unsafe settings that a person merges are refused with the rule, and nothing restarts',
  120_000,
  async () => {
    const before = await cluster.status();
    const commit = ada.mergeSettings('hasty-elections', { electionTimeoutMs: 300 });
    const now = await eventually('the refusal', ROLL_MS, async () => {
      const found = cluster.settingsState();
      return found.condition.state === 'Held' ? found : undefined;
    });
    expect(now.condition).toMatchObject({
      reason: 'UnsafeSettings',
      message: expect.stringMatching(/^rule /),
    });
    expect(now.commit).not.toBe(commit);
    expect(now.settings['electionTimeoutMs']).toBe(1_200);
    await sleep(2_000);
    const after = await cluster.status();
    expect(after.members.map(({ pid }) => pid)).toEqual(before.members.map(({ pid }) => pid));
    await applied(ada.mergeSettings('as-before', { electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 }));
  },
);

bed.scenario('the socket of the agent takes its own branches, and no other', 60_000, async () => {
  const socket = new SupervisorSocket(join(cluster.folder, 'agent.sock'));
  const { base, path, clusterId } = await socket.standing();
  const main = (await socket.head(base))!;
  const text = (await socket.file(main, path))!;
  const branch = `aegis/tuning/${clusterId}-local-aegis-timing`;
  const files = {
    [path]: text.replace(/electionTimeoutMs: \d+/, 'electionTimeoutMs: 1300'),
    [`proposals/${clusterId}-local-aegis-timing.md`]: '# Why\n',
  };
  const change = { branch, parent: main, from: undefined, files, message: 'Tune timing' };
  for (const other of ['main', 'hand', 'refs/heads/main', 'aegis/tuning/../main'])
    await expect(socket.write({ ...change, branch: other })).rejects.toMatchObject({
      code: 'BranchForbidden',
    });
  const repository = new GitRepository({ dir: join(cluster.folder, 'config.git'), base });
  expect(await repository.head('main')).toBe(main);
  const head = await socket.write(change);
  ada.git('fetch', '--quiet');
  expect(ada.git('rev-parse', `origin/${branch}`)).toBe(head);
  // Proposed is not applied: a person has to merge it.
  await sleep(3_000);
  expect(cluster.settingsState().settings['electionTimeoutMs']).toBe(1_200);
  await applied(ada.merge(branch));
  expect(await cluster.electionTimeouts()).toEqual([1.3, 1.3, 1.3, 1.3, 1.3]);
  expect(await socket.merged(head)).toMatchObject({ by: 'ada' });
});

bed.scenario('the agent watches as another user, and is started again when it dies', 120_000, async () => {
  const agent = () =>
    (
      JSON.parse(readFileSync(join(cluster.folder, 'cluster.json'), 'utf8')) as {
        agent: { pid: number } | null;
      }
    ).agent;
  const log = () => readFileSync(join(cluster.folder, 'logs', 'agent.log'), 'utf8');
  await eventually('a watching agent', 30_000, async () =>
    log().includes('watching 5 replicas') ? true : undefined,
  );
  const first = agent()!.pid;
  if (process.getuid!() === 0)
    expect(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${first}/status`, 'utf8'))![1]).not.toBe('0');
  expect(readFileSync(`/proc/${first}/cmdline`, 'utf8')).not.toContain('tls');
  process.kill(first, 'SIGKILL');
  await eventually('another process', 30_000, async () => (agent()?.pid === first ? undefined : true));
  await eventually('a watching agent', 30_000, async () => {
    return log().split('watching 5 replicas').length > 2 ? true : undefined;
  });
  expect(await cluster.run('incidents')).toMatch(/incident/i);
});
