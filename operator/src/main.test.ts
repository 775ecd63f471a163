import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESOURCES } from './kube/resource.js';
import { startScene, until, type Scene } from './testing/scene.js';

const PROGRAM = join(import.meta.dirname, '../bin/aegis-operator.js');

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
}

let scene: Scene;
let folder: string;
const running: Running[] = [];

beforeEach(async () => {
  scene = await startScene();
  folder = mkdtempSync(join(tmpdir(), 'aegis-operator-'));
});
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  await scene.end();
  rmSync(folder, { recursive: true });
});

function start(name: string): Running {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      // The library takes plain HTTP only from who says so.
      clusters: [{ name: 'test', cluster: { server: scene.proxy.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    }),
  );
  const flags = ['--member-image=aegis:1', `--watch-namespaces=${scene.namespace}`, '--listen=127.0.0.1:0'];
  const env = { ...process.env, KUBECONFIG: kubeconfig, POD_NAME: name, POD_NAMESPACE: scene.namespace };
  const child = spawn(process.execPath, [PROGRAM, ...flags], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n')));
  const one = { child, lines };
  running.push(one);
  return one;
}

const works = ({ lines }: Running): boolean => lines.some((line) => line.includes('"working"'));
const get = async ({ lines }: Running, path: string): Promise<{ status: number; text: string }> => {
  const port = /"port":(\d+)/.exec(lines.join('\n'))?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
};
const statusOf = async ({ child }: Running): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];

test('one of two operators works, and the other takes over when it is asked to stop', async () => {
  const first = start('first');
  await until(() => works(first), 'the first works', 20_000);
  const second = start('second');
  await until(
    () => second.lines.some((line) => line.includes('waiting to be elected')),
    'the second waits',
    20_000,
  );
  for (const each of [first, second]) {
    expect((await get(each, '/livez')).status).toBe(200);
    expect((await get(each, '/readyz')).status).toBe(200);
  }
  const { text } = await get(first, '/metrics');
  expect(text).toContain('aegis_operator_leading 1');
  expect(text).toMatch(/aegis_operator_api_requests_total\{verb="GET",code="200"\} \d+/);
  expect(text).toContain('aegis_operator_queue_depth 0');
  expect((await get(second, '/metrics')).text).toContain('aegis_operator_leading 0');

  first.child.kill('SIGTERM');
  expect(await statusOf(first)).toBe(0);
  const ref = { namespace: scene.namespace, name: 'aegis-operator' };
  const lease = await scene.client.get(RESOURCES.electionLeases, ref);
  expect(lease!.spec!.holderIdentity).not.toContain('first');
  await until(() => works(second), 'the second works', 20_000);
}, 60_000);

test('whoever has lost the lease ends at once', async () => {
  const one = start('one');
  await until(() => works(one), 'it works', 20_000);
  const ref = { namespace: scene.namespace, name: 'aegis-operator' };
  await scene.client.merge(RESOURCES.electionLeases, ref, { spec: { holderIdentity: 'somebody-else' } });
  expect(await statusOf(one)).toBe(1);
  expect(one.lines.join('\n')).toContain('the leadership is lost');
}, 60_000);

test('wrong flags end it with status 64, and say which', async () => {
  const child = spawn(process.execPath, [PROGRAM, '--election=x'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(64);
  expect(said).toContain('--member-image');
}, 60_000);
