import { connect, type Client } from '@aegis/client';
import { GitRepository, SupervisorSocket } from '@aegis/client/config';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from './harness/clock.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

/** What `aegis up` keeps of the settings, as far as it is read here. */
interface SettingsState {
  readonly commit: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly members: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly condition: { readonly state: string; readonly reason: string; readonly message: string };
}

interface Status {
  readonly leader: number;
  readonly members: readonly {
    readonly name: string;
    readonly pid: number;
    readonly healthy: boolean;
    readonly metrics: string;
    readonly address: string;
  }[];
}

const ROLL_MS = 120_000;

const bed = new TestBed();
let cluster: UpCluster;
let client: Client;
let endpoints: string[];
beforeAll(async () => {
  // So that the agent can have a user of its own.
  chmodSync(bed.folder, 0o711);
  cluster = await UpCluster.start(bed, 'merged', 5, '--agent', '--allow-faults');
  const { members } = await cluster.json<Status>('status');
  endpoints = members.map(({ address }) => address);
  client = connect({ endpoints, tls: cluster.tls('client') });
}, 120_000);
afterAll(async () => {
  await client?.close();
});

const clone = () => join(cluster.folder, 'config');
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@shop.example', ...args], {
    cwd: clone(),
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
const state = (): SettingsState =>
  JSON.parse(readFileSync(join(cluster.folder, 'settings', 'state.json'), 'utf8')) as SettingsState;

/** A person writes settings onto a branch, merges it into main, and pushes. The commit of the merge. */
function merge(name: string, consensus: Readonly<Record<string, number>>): string {
  git('checkout', '--quiet', '-b', name);
  const path = join(clone(), 'cluster.yaml');
  const text = readFileSync(path, 'utf8');
  const lines = Object.entries(consensus).map(([key, value]) => `    ${key}: ${value}`);
  writeFileSync(path, text.replace(/consensus:[\s\S]*$/, `consensus:\n${lines.join('\n')}\n`));
  git('commit', '--quiet', '--all', '--message', name);
  git('checkout', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '--no-edit', name);
  git('push', '--quiet');
  return git('rev-parse', 'HEAD');
}

const applied = (commit: string) =>
  eventually('the settings of the commit on every replica', ROLL_MS, async () => {
    const now = state();
    return now.commit === commit && now.condition.state === 'InSync' ? now : undefined;
  });

/** What a replica itself says that it runs, in seconds. */
async function electionTimeouts(): Promise<number[]> {
  const { members } = await cluster.json<Status>('status');
  return Promise.all(
    members.map(async ({ metrics }) => {
      const page = await (await fetch(`http://${metrics}/metrics`)).text();
      return Number(/^aegis_election_timeout_seconds(?:\{[^}]*\})? (\S+)$/m.exec(page)![1]);
    }),
  );
}

bed.scenario(
  'a merge is live on five replicas, one restarted after the other, and no write of a client fails',
  240_000,
  async () => {
    const before = await cluster.json<Status>('status');
    let writing = true;
    let writes = 0;
    const failures: unknown[] = [];
    const writers = Array.from({ length: 8 }, async (_, at) => {
      while (writing) {
        await client.kv.put(`key-${at}`, String(writes++)).catch((error: unknown) => failures.push(error));
      }
    });
    const commit = merge('slower-elections', { electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 });
    const { settings, members } = await applied(commit);
    writing = false;
    await Promise.all(writers);
    expect(failures).toEqual([]);
    expect(writes).toBeGreaterThan(100);
    expect(settings).toMatchObject({ electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 });
    expect(Object.values(members)).toHaveLength(5);
    expect(await electionTimeouts()).toEqual([1.2, 1.2, 1.2, 1.2, 1.2]);
    const after = await cluster.json<Status>('status');
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
    const before = await cluster.json<Status>('status');
    const commit = merge('hasty-elections', { electionTimeoutMs: 300 });
    const now = await eventually('the refusal', ROLL_MS, async () => {
      const found = state();
      return found.condition.state === 'Held' ? found : undefined;
    });
    expect(now.condition).toMatchObject({
      reason: 'UnsafeSettings',
      message: expect.stringMatching(/^rule /),
    });
    expect(now.commit).not.toBe(commit);
    expect(now.settings['electionTimeoutMs']).toBe(1_200);
    await sleep(2_000);
    const after = await cluster.json<Status>('status');
    expect(after.members.map(({ pid }) => pid)).toEqual(before.members.map(({ pid }) => pid));
    await applied(merge('as-before', { electionTimeoutMs: 1_200, leaseMinTtlMs: 3_000 }));
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
  git('fetch', '--quiet');
  expect(git('rev-parse', `origin/${branch}`)).toBe(head);
  // Proposed is not applied: a person has to merge it.
  await sleep(3_000);
  expect(state().settings['electionTimeoutMs']).toBe(1_200);
  git('merge', '--quiet', '--no-ff', '--no-edit', `origin/${branch}`);
  git('push', '--quiet');
  await applied(git('rev-parse', 'HEAD'));
  expect(await electionTimeouts()).toEqual([1.3, 1.3, 1.3, 1.3, 1.3]);
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
  expect(await cluster.run('incidents')).toContain('inciden');
});
