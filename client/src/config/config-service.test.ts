import { loadSettings } from '@aegis/replica/start-settings';
import { parseOptions, type StartOptions } from '@aegis/replica/start-options';
import { resolveSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { ClusterFolder, type ClusterState } from '../supervisor/cluster-folder.js';
import { planCluster } from '../supervisor/plan.js';
import { alive, type ProcessIdentity } from '../supervisor/process-identity.js';
import { startArguments } from '../supervisor/replica-binary.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { readSecrets } from './agent-secrets.js';
import { ConfigService } from './config-service.js';
import { SettingsStore } from './settings-store.js';
import { SupervisorSocket } from './supervisor-socket.js';

/** Real git, a real socket and the real agent; the replicas are made up. A busy machine may take its time. */
jest.setTimeout(180_000);

let parent: string;
let folder: ClusterFolder;
let state: ClusterState;
let store: SettingsStore;
let restarted: string[];
let shared: unknown[];
let leader: number;
let said: string[];
let agents: (ProcessIdentity | null)[];
let service: ConfigService;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aegis-service-'));
  folder = new ClusterFolder(join(parent, '.aegis'));
  state = planCluster({ replicas: 5 });
  folder.write(state);
  [restarted, shared, said, agents] = [[], [], [], []];
  leader = 1;
  begin();
});
afterEach(async () => {
  await service.stop();
  rmSync(parent, { recursive: true });
});

/** One life of the supervisor. */
function begin(withAgent = false): void {
  store = new SettingsStore(folder.settingsPath);
  store.prepare(state);
  const supervisor = {
    get current() {
      return state;
    },
    restart: async (name: string) => void restarted.push(name),
    noteAgent: (identity: ProcessIdentity | null) => void agents.push(identity),
  } as unknown as Supervisor;
  const members = state.members.map(({ id }) => ({ id, state: 'voter' }));
  const cluster = {
    statuses: async (_: number, endpoints: readonly string[]) =>
      endpoints.map((endpoint, at) => {
        const memberId = at + 1;
        const role = memberId === leader ? 'leader' : 'follower';
        const status = { memberId, leaderId: leader, role, commitIndex: 7, appliedIndex: 7, members };
        return { endpoint, status };
      }),
    transferLeadership: async () => void (leader = 5),
    setSettings: async (settings: unknown) => void shared.push(settings),
  } as unknown as Cluster;
  const agent = withAgent ? readSecrets({}, folder.agentSecretsPath) : undefined;
  service = new ConfigService({ folder, supervisor, cluster, store, agent, say: (line) => said.push(line) });
}

/** A person commits, and pushes. */
function push(from: string | RegExp, to: string): void {
  const clone = join(folder.path, 'config');
  const file = join(clone, 'cluster.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  const ada = ['-c', 'user.name=ada', '-c', 'user.email=ada@shop.example'];
  execFileSync('git', [...ada, 'commit', '--quiet', '--all', '--message', 'By hand'], { cwd: clone });
  execFileSync('git', ['push', '--quiet'], { cwd: clone, stdio: 'pipe' });
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(50);
}

/** What the replica itself makes of its settings file. */
function loaded(name: string) {
  const member = state.members.find((each) => each.name === name)!;
  const [, ...flags] = startArguments(folder, state, member, { allowFaults: false, settings: store });
  return loadSettings(parseOptions(flags) as StartOptions).consensus;
}

test('every replica begins with the defaults of the profile, out of a file of its own', () => {
  for (const { name } of state.members) expect(loaded(name)).toEqual(resolveSettings('all'));
});

test('what a person pushes reaches every replica, the leader last, and the file that it starts with', async () => {
  await service.start();
  await until(() => store.state.commit !== null);
  expect(restarted).toEqual([]);
  push('consensus: {}', 'consensus: { electionTimeoutMs: 1200, leaseMinTtlMs: 3000 }');
  await until(() => store.state.settings.electionTimeoutMs === 1_200);
  expect(restarted).toEqual(['aegis-2', 'aegis-3', 'aegis-4', 'aegis-5', 'aegis-1']);
  expect(leader).toBe(5);
  expect(shared).toContainEqual(expect.objectContaining({ leaseMinTtlMs: 3_000 }));
  for (const { name } of state.members) expect(loaded(name)).toMatchObject({ electionTimeoutMs: 1_200 });
  expect(store.state.changes).toMatchObject([{ by: 'ada', patch: { electionTimeoutMs: 1_200 } }]);
  // The next life finds all of it done.
  await service.stop();
  begin();
  await service.start();
  push(/electionTimeoutMs: 1200/, 'electionTimeoutMs: 200');
  await until(() => store.state.condition.state === 'Held');
  expect(store.state.condition).toMatchObject({ reason: 'UnsafeSettings' });
  expect(restarted).toHaveLength(5);
});

test('the agent is started, reaches its supervisor, and ends with it', async () => {
  begin(true);
  await service.start();
  await until(() => agents.length === 1);
  const log = folder.logPath('agent');
  await until(() => readFileSync(log, 'utf8').includes('watching 5 replicas'));
  const socket = new SupervisorSocket(folder.agentSocketPath);
  expect(await socket.standing()).toMatchObject({
    clusterId: state.clusterId,
    settings: resolveSettings('all'),
    members: [{ name: 'aegis-1', id: 1, metrics: 'http://127.0.0.1:4412/metrics' }, {}, {}, {}, {}],
  });
  const program = readFileSync(`/proc/${agents[0]!.pid}/environ`, 'utf8');
  expect(program).not.toContain('PATH=');
  await service.stop();
  expect(alive(agents[0]!)).toBe(false);
  expect(agents.at(-1)).toBeNull();
});

test('without TLS there is no agent: it could write', async () => {
  state = { ...state, insecure: true };
  begin(true);
  await service.start();
  expect(said).toEqual([expect.stringContaining('no agent: without TLS')]);
  expect(agents).toEqual([]);
});
