import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkLeftovers, claimFolder } from './claim-folder.js';
import { ClusterFolder } from './cluster-folder.js';
import { planCluster } from './plan.js';
import { checkPorts } from './ports.js';
import { alive, identify, signal } from './process-identity.js';
import { judge } from './raise.js';

let parent: string;
let folder: ClusterFolder;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aegis-'));
  folder = new ClusterFolder(join(parent, '.aegis'));
});

afterEach(() => rmSync(parent, { recursive: true }));

test('what is written is read back, and found from folders below', () => {
  const state = planCluster({ replicas: 3 });
  expect(folder.read()).toBeUndefined();
  folder.write(state);
  expect(folder.read()).toEqual(state);
  const below = join(parent, 'a', 'b');
  mkdirSync(below, { recursive: true });
  expect(ClusterFolder.nearest(below)?.path).toBe(folder.path);
});

test('a file of another kind is refused', () => {
  mkdirSync(folder.path);
  writeFileSync(folder.statePath, '{"kind":"other"}');
  expect(() => folder.read()).toThrow('was not written by this version of aegis');
});

test('only a folder of a cluster is removed, and only what is ours in it', () => {
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, 'mine.txt'), 'precious');
  expect(() => folder.remove()).toThrow('nothing is removed');
  folder.write(planCluster({}));
  folder.remove();
  expect(readFileSync(join(folder.path, 'mine.txt'), 'utf8')).toBe('precious');
  rmSync(join(folder.path, 'mine.txt'));
  folder.write(planCluster({}));
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test('a new cluster is not put into a folder that holds other things', () => {
  expect(() => judge(new ClusterFolder(parent), {})).not.toThrow();
  writeFileSync(join(parent, 'mine.txt'), 'precious');
  expect(() => judge(new ClusterFolder(parent), {})).toThrow('is not empty and holds no cluster');
});

test('a folder has one supervisor at a time; one that is gone is no obstacle', () => {
  const giveUp = claimFolder(folder);
  expect(() => claimFolder(folder)).toThrow(`is running (supervisor pid ${process.pid})`);
  giveUp();
  writeFileSync(
    join(folder.path, 'supervisor.lock'),
    JSON.stringify({ pid: process.pid, started: 'earlier' }),
  );
  claimFolder(folder)();
});

test('replicas without a supervisor are named', () => {
  const plan = planCluster({ replicas: 2 });
  const [first, second] = plan.members;
  const gone = { pid: process.pid, started: 'earlier' };
  const members = [
    { ...first!, process: identify(process.pid)! },
    { ...second!, process: gone },
  ];
  expect(() => checkLeftovers(folder, { ...plan, members })).toThrow(
    `still run without a supervisor: aegis-1 (pid ${process.pid}). Stop them with: aegis down`,
  );
  expect(() => checkLeftovers(folder, { ...plan, members: [members[1]!] })).not.toThrow();
});

test('a process is told from a later one with the same id', () => {
  const self = identify(process.pid)!;
  expect(alive(self)).toBe(true);
  expect(alive({ ...self, started: 'earlier' })).toBe(false);
  expect(signal({ ...self, started: 'earlier' }, 'SIGKILL')).toBe(false);
  expect(identify(2 ** 22 + 1)).toBeUndefined();
});

test('a port in use is named, with the replica that needs it and the flag', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const plan = planCluster({ replicas: 1, basePort: port });
  const refused = checkPorts(plan).finally(() => server.close());
  await expect(refused).rejects.toThrow(
    `port ${port}, which aegis-1 needs, is in use by another process. Choose others with --base-port`,
  );
});
