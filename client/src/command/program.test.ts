import { mkdtempSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ClusterFolder } from '../supervisor/cluster-folder.js';
import { planCluster } from '../supervisor/plan.js';
import { run } from './program.js';

let folder: string;
let errors: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-'));
  errors = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const aegis = (...argv: string[]): Promise<number> => run(['--dir', join(folder, 'cluster'), ...argv]);

test.each([
  [['frobnicate'], /unknown command/],
  [['status', '--frobnicate'], /unknown option/],
  [['lock', 'demo'], /missing required argument 'command'/],
  [['lock', 'demo', '--ttl', '0s', '--', 'true'], /--ttl: 0s is out of bounds/],
  [['lock', 'demo', '--ttl=-5s', '--', 'true'], /--ttl: -5s is out of bounds/],
  [['lock', 'demo', '--ttl', '99999h', '--', 'true'], /--ttl: 99999h is out of bounds/],
  [['lock', 'demo', '--wait', 'soon', '--', 'true'], /--wait: "soon" is not a duration/],
  [['lock', 'demo', '--shared', '--permits', '2', '--', 'true'], /--shared and --permits/],
  [['lock', 'demo', '--permits', '0', '--', 'true'], /--permits: "0" is not a whole number from 1/],
  [['lease', 'grant', '--ttl', '-1s'], /--ttl: -1s is out of bounds/],
  [['lease', 'grant'], /required option '--ttl <duration>'/],
  [['transfer-leader', 'x'], /ID: "x"/],
  [['bench', 'lock', '--clients', '0'], /--clients: "0"/],
  [['bench', 'put', '--value-size', '-1'], /--value-size: "-1"/],
  [['bench', 'mix', '--reads', '101'], /--reads: "101"/],
  [['bench', 'watch', '--value-size', '3'], /--value-size: "3"/],
  [['bench', 'watch', '--every', '5'], /--every: "5"/],
  [['bench', 'get', '--keys', '0'], /--keys: "0"/],
  [['kv', 'frobnicate'], /unknown command/],
  [['kv', 'get', ''], /KEY: it is empty/],
  [['kv', 'get', 'a', 'b', '--prefix'], /--prefix, --from-key and an end of the range/],
  [['kv', 'get', 'a', '--rev', '0'], /--rev: "0" is not a whole number from 1/],
  [['kv', 'get', 'a', '--limit', 'x'], /--limit: "x"/],
  [['kv', 'get', 'a', '--hex', '--base64'], /--hex and --base64/],
  [['kv', 'get', 'a', '--sort-by', 'age'], /Allowed choices are key, version/],
  [['kv', 'get', 'a', '--keys-only', '--value-only'], /--keys-only and --value-only/],
  [['kv', 'put', 'a', '1', '--lease', 'x'], /LEASE: "x"/],
  [['kv', 'put', 'a', '1', '--ignore-value'], /--ignore-value/],
  [['kv', 'compact', '0'], /REVISION: "0"/],
  [['kv', 'compact'], /missing required argument 'revision'/],
  [['watch', 'a', '--rev', 'now'], /--rev: "now"/],
  [['watch', ''], /KEY: it is empty/],
  [['up', '--replicas', '0'], /--replicas: "0"/],
  [['up', '--replicas', '8'], /--replicas: "8"/],
  [['up', '--base-port', '80'], /--base-port: "80"/],
  [['up', '--dashboard-port', 'high'], /--dashboard-port: "high"/],
  [['backup'], /missing required argument 'file'/],
  [['backup', 'verify'], /missing required argument 'file'/],
  [['restore'], /missing required argument 'file'/],
  [['restore', 'f', '--replicas', '10'], /--replicas: "10"/],
  [['status'], /no cluster found: there is none in .*aegis up/],
  [['incidents'], /no cluster found: there is none in .*aegis up/],
  [['recommendations'], /no cluster found: there is none in .*aegis up/],
  [['status', '--endpoints', 'nowhere'], /--endpoints: "nowhere" is not host:port/],
  [['status', '--timeout', '0s'], /--timeout: 0s is out of bounds/],
])('%j: status 2, and a word on what is wrong', async (argv, word) => {
  expect(await aegis(...argv)).toBe(2);
  expect(errors).toMatch(word);
});

test.each([
  [['up', '--profile', 'nonsense'], /there is no such profile/],
  [['up', '--base-port', '65500', '--replicas', '7'], /--base-port: 65500 leaves no room for 7 replicas/],
  [['down'], /there is no cluster in/],
  [['backup', 'verify', '/no/such/file'], /\/no\/such\/file: cannot be read: ENOENT/],
  [['backup', 'verify', import.meta.filename], /it is no backup of AEGIS.* Name a file that/],
  [['restore', '/no/such/file'], /cannot be read: ENOENT/],
  [['restore', import.meta.filename], /it is no backup of AEGIS/],
])('%j: status 1, and a word on what is wrong', async (argv, word) => {
  expect(await aegis(...argv)).toBe(1);
  expect(errors).toMatch(word);
});

test('a cluster that cannot be reached: status 3', async () => {
  expect(await aegis('status', '--endpoints', '127.0.0.1:1')).toBe(3);
  expect(await aegis('lease', 'list', '--endpoints', '127.0.0.1:1', '--timeout', '200ms')).toBe(3);
  expect(errors).toMatch(/no replica answers: .*ECONNREFUSED.*Nothing listens there/);
  expect(errors).toMatch(/no replica of 127\.0\.0\.1:1 served the call in time: .*ECONNREFUSED/);
});

test('help is no error', async () => {
  expect(await aegis('--help')).toBe(0);
  expect(await aegis('lock', '--help')).toBe(0);
  for (const name of ['get', 'put', 'del', 'txn', 'compact'])
    expect(await aegis('kv', name, '--help')).toBe(0);
  for (const name of ['watch', 'backup', 'restore']) expect(await aegis(name, '--help')).toBe(0);
});

test('the folder above that of a cluster: the one that is meant is named', async () => {
  const inner = new ClusterFolder(join(folder, '.aegis'));
  inner.write(planCluster({}));
  expect(await run(['--dir', folder, 'status'])).toBe(2);
  expect(errors).toContain(`There is one in it: --dir ${inner.path}`);
});

test('a cluster that is stopped: how it is started', async () => {
  const cluster = new ClusterFolder(join(folder, 'cluster'));
  cluster.write(planCluster({ basePort: 23_000, replicas: 1, insecure: true }));
  for (const argv of [['status'], ['members'], ['lease', 'list', '--timeout', '200ms']]) {
    errors = '';
    expect(await aegis(...argv)).toBe(3);
    expect(errors).toContain(
      `The cluster in ${cluster.path} is stopped. Start it with: aegis up --dir ${cluster.path}`,
    );
  }
});

test('an old Node is told what is needed', () => {
  const program = join(import.meta.dirname, '../../bin/aegis.js');
  const old =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.1.0' } })";
  const preload = `data:text/javascript,${encodeURIComponent(old)}`;
  const start = (): string =>
    execFileSync(process.execPath, ['--import', preload, program, 'status'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  expect(start).toThrow(/aegis needs Node 22 or later.*npx/);
});
