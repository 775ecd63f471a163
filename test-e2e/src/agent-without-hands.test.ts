import { Authority } from '@aegis/client/certificates';
import { SupervisorSocket } from '@aegis/client/config';
import { beforeAll, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from './harness/clock.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';
import type { Attempt, Targets } from './without-hands/attempts.js';
import { doorsAddress } from './without-hands/doors-address.js';
import { generatedMethods, KNOWN_METHODS } from './without-hands/grpc-methods.js';
import { unserved } from './without-hands/served.js';

/** Law 4 on one machine: what has the agent's identity can change nothing, whichever way it tries. */
interface ClusterFile {
  readonly supervisor: { readonly pid: number };
  readonly agent: { readonly pid: number } | null;
  readonly members: readonly { readonly peerAddress: string }[];
}

const ATTEMPTS_MS = 60_000;
const IS_ROOT = process.getuid!() === 0;

const bed = new TestBed();
let cluster: UpCluster;
let methods: string[];
let targets: Targets;
/** How the agent runs: its arguments up to its program, and its user. */
let agent: { readonly flags: string[]; readonly uid: number };
beforeAll(async () => {
  // So that the agent can have a user of its own.
  chmodSync(bed.folder, 0o711);
  methods = await generatedMethods();
  cluster = await UpCluster.start(bed, 'no-hands', 3, '--agent', '--allow-faults');
  agent = await eventually('the agent', 30_000, async () => identityOf(clusterFile().agent?.pid));
  targets = await targetsOf();
}, 90_000);

const within = (...names: string[]): string => join(cluster.folder, ...names);
const clusterFile = (): ClusterFile =>
  JSON.parse(readFileSync(within('cluster.json'), 'utf8')) as ClusterFile;
const refs = (): string =>
  execFileSync('git', ['--git-dir', within('config.git'), 'for-each-ref'], { encoding: 'utf8' });

/** Of the running process, so that what is tried is started as it was, and not as a test believes. */
function identityOf(pid: number | undefined): typeof agent | undefined {
  if (pid === undefined) return undefined;
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const at = line.findIndex((argument) => argument.endsWith('main.js'));
  const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return at === -1 ? undefined : { flags: line.slice(1, at), uid: Number(uid) };
}

async function targetsOf(): Promise<Targets> {
  const { members } = await cluster.status();
  const { supervisor, members: places } = clusterFile();
  const socket = new SupervisorSocket(within('agent.sock'));
  const { base, path } = await socket.standing();
  const main = (await socket.head(base))!;
  const change = {
    parent: main,
    files: { [path]: (await socket.file(main, path))! },
    message: 'By the agent',
  };
  const writes = ['main', 'hand', 'refs/heads/main', 'aegis/tuning/../main', 'aegis/tuning/'].map(
    (branch) => {
      return { what: 'write', body: { ...change, branch } };
    },
  );
  const own = join(within('config.git'), 'refs', 'heads');
  const roads = ['merge', 'apply', 'restart', 'settings', 'signal', 'stop', 'chaos', 'faults', 'down'];
  const authority = await Authority.create('of-the-agent');
  return {
    doors: doorsAddress(),
    agentProgram: fileURLToPath(import.meta.resolve('@aegis/agent/package.json')),
    methods,
    clientAddress: members[0]!.address,
    peerAddresses: places.map(({ peerAddress }) => peerAddress),
    metricsAddresses: members.map(({ metrics }) => metrics),
    pids: { supervisor: supervisor.pid, ...Object.fromEntries(members.map(({ name, pid }) => [name, pid])) },
    faultSockets: members.map(({ name }) => within('data', name, 'faults.sock')),
    chaosPage: new URL('/', cluster.chaosPage).href,
    agentSocket: within('agent.sock'),
    routes: [
      ...writes,
      { what: 'write', body: { ...change, branch: 'aegis/tuning/x', files: { 'other.yaml': 'a: 1\n' } } },
      { what: 'remove', body: { branch: base, from: main } },
      ...roads.map((what) => ({ what, body: {} })),
    ],
    secrets: [
      ...['client', 'admin', members[0]!.name].map((holder) => within('tls', holder, 'tls.key')),
      within('data', members[0]!.name, 'identity.json'),
      '/etc/shadow',
    ],
    writable: [
      within('cluster.json'),
      within('agent.json'),
      within('settings', 'state.json'),
      within('config', 'cluster.yaml'),
      within('config.git', 'HEAD'),
      fileURLToPath(import.meta.resolve('@aegis/agent/package.json')),
    ],
    folders: [cluster.folder, within('config'), own, within('settings'), within('data'), within('tls')],
    repository: within('config.git'),
    selfMade: await authority.issue({ name: 'admin', role: 'aegis:admin' }),
  };
}

/** @param flags of Node: the agent's own, or none, so that the system alone stands in the way */
async function tryAll(flags: readonly string[]): Promise<Attempt[]> {
  const program = within('agent', 'attempts.mjs');
  copyFileSync(fileURLToPath(new URL('./without-hands/attempts.js', import.meta.url)), program);
  const told = within('agent', 'targets.json');
  writeFileSync(told, JSON.stringify(targets));
  const said = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [...flags, program, told],
      { uid: agent.uid, gid: agent.uid, env: { NODE_ENV: 'production' }, cwd: '/', timeout: ATTEMPTS_MS },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${stdout}\n${stderr}`)),
    );
  });
  return said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Attempt);
}

/** Nothing was done; a failure shows the whole table. */
async function expectRefused(
  tried: readonly Attempt[],
  before: string,
  pids: readonly number[],
): Promise<void> {
  const table = tried.map(
    ({ what, refused, how }) => `${refused ? 'refused' : 'DONE   '}  ${what}  (${how})`,
  );
  const done = tried.filter(({ refused }) => !refused);
  if (done.length > 0) process.stderr.write(`\n${table.join('\n')}\n`);
  expect(done).toEqual([]);
  // Three ways to each method, and more than sixty other attempts.
  expect(tried.length).toBeGreaterThan(3 * methods.length + 60);
  expect(refs()).toBe(before);
  const { members } = await cluster.status();
  expect(members.map(({ pid, healthy }) => (healthy ? pid : 'unwell'))).toEqual(pids);
}

const memberPids = (): number[] =>
  Object.entries(targets.pids)
    .filter(([who]) => who !== 'supervisor')
    .map(([, pid]) => pid);

test('every method of the client port is known, and whether it changes anything', () => {
  expect(methods).toEqual(Object.keys(KNOWN_METHODS).toSorted());
});

bed.scenario('who has a certificate reaches every method that is tried', 60_000, async () => {
  expect(await unserved(targets.clientAddress, cluster.tls('client'), methods)).toEqual([]);
  for (const path of [...targets.secrets.slice(0, -1), ...targets.writable, ...targets.faultSockets])
    expect({ path, there: existsSync(path) }).toEqual({ path, there: true });
});

bed.scenario('from a process that is started as the agent is, everything is refused', 90_000, async () => {
  const [before, pids] = [refs(), memberPids()];
  const tried = await tryAll(agent.flags);
  // Node restricts no sockets, so that as the same user those of faults can be reached: docs/one-machine.md.
  const bound = IS_ROOT ? tried : tried.filter(({ what }) => !what.startsWith('an order to '));
  await expectRefused(bound, before, pids);
});

// Without root the agent has no user of its own: then there is nothing that the system alone could show.
if (IS_ROOT)
  bed.scenario(
    'with the user of the agent alone, without what Node forbids it, everything is refused',
    90_000,
    async () => {
      expect(agent.uid).not.toBe(0);
      const [before, pids] = [refs(), memberPids()];
      await expectRefused(await tryAll([]), before, pids);
    },
  );
