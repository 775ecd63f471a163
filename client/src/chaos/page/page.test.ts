import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterFolder } from '../../supervisor/cluster-folder.js';
import { planCluster } from '../../supervisor/plan.js';
import { ChaosCalls } from './calls.js';
import { ChaosPage } from './server.js';

const TRACE = 'slow-disk-on-a-follower';
/** Plays `aegis chaos run`: it says which one it runs, and ends when it is interrupted. */
const STAND_IN = `
process.stderr.write('running ' + process.argv[4] + '\\n');
process.on('SIGINT', () => {
  process.stdout.write(JSON.stringify({ sli: { ok: 7 } }));
  process.exit(130);
});
setInterval(() => {}, 1_000);
`;

let folder: string;
let page: ChaosPage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-page-'));
  const cluster = new ClusterFolder(folder);
  cluster.write(planCluster({}));
  const program = join(folder, 'stand-in.cjs');
  writeFileSync(program, STAND_IN);
  page = new ChaosPage(new ChaosCalls(cluster, [process.execPath, program]));
  await page.listen(0);
});

afterEach(async () => {
  await page.close();
  rmSync(folder, { recursive: true });
});

async function ask(path: string, method = 'GET', body?: string, token = new URL(page.address).hash.slice(1)) {
  const reply = await fetch(new URL(path, page.address), {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body }),
  });
  return { status: reply.status, said: (await reply.json()) as Record<string, unknown> };
}

async function until(holds: (run: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (let turn = 0; turn < 500; turn++) {
    const { run } = (await ask('/api/run')).said as { run: Record<string, unknown> };
    if (holds(run)) return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come to be');
}

test('a trace runs, says what it does, and is stopped', async () => {
  expect((await ask('/api/run')).said).toEqual({ run: null });
  expect(await ask('/api/run', 'POST', JSON.stringify({ trace: TRACE }))).toMatchObject({ status: 202 });
  await until(({ lines }) => (lines as string[]).includes(`running ${TRACE}`));
  expect(await ask('/api/run', 'POST', JSON.stringify({ trace: TRACE }))).toEqual({
    status: 409,
    said: { error: `${TRACE} runs: stop it first` },
  });
  expect((await ask('/api/stop', 'POST', '{}')).status).toBe(202);
  const { ended } = await until((run) => run['ended'] !== undefined);
  expect(ended).toMatchObject({ status: 130, result: { sli: { ok: 7 } } });
  expect(await ask('/api/stop', 'POST', '{}')).toEqual({ status: 409, said: { error: 'no trace runs' } });
});

test('all traces are offered, and those that do not fit say why', async () => {
  const { traces } = (await ask('/api/traces')).said as { traces: { name: string; misfit?: string }[] };
  expect(traces.length).toBeGreaterThanOrEqual(20);
  expect(traces.find(({ name }) => name === TRACE)).not.toHaveProperty('misfit');
  const own = traces.find(({ misfit }) => misfit !== undefined)!;
  expect(own.misfit).toMatch(/settings/);
  expect(await ask('/api/run', 'POST', JSON.stringify({ trace: own.name }))).toMatchObject({ status: 409 });
});

test('what is no order is refused, and says why', async () => {
  const order = (body: string) => ask('/api/run', 'POST', body);
  expect(await order('{')).toEqual({ status: 400, said: { error: 'that is no JSON' } });
  expect(await order('null')).toEqual({ status: 400, said: { error: 'give { "trace": NAME }' } });
  expect(await order(JSON.stringify({ trace: '../../etc/passwd' }))).toMatchObject({ status: 404 });
  expect(await order(JSON.stringify({ trace: 'x'.repeat(5_000) }))).toMatchObject({ status: 400 });
  expect(await ask('/api/other')).toMatchObject({ status: 404 });
});

test('nobody without the token asks for anything, and no foreign page by a name of its own', async () => {
  for (const token of ['', 'x'.repeat(32)])
    for (const [method, path] of [
      ['GET', '/api/traces'],
      ['GET', '/api/run'],
      ['POST', '/api/run'],
      ['POST', '/api/stop'],
      ['OPTIONS', '/api/run'],
    ] as const)
      expect(await ask(path, method, undefined, token)).toMatchObject({ status: 401 });
  const rebound = await new Promise<number | undefined>((resolve) => {
    const { port } = new URL(page.address);
    request({ port, host: '127.0.0.1', headers: { host: 'evil.example' } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    }).end();
  });
  expect(rebound).toBe(421);
});

test('its files need no token, run no foreign script, and are kept by nobody', async () => {
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/base.css', 'text/css'],
    ['/icon.svg', 'image/svg'],
    ['/style.css', 'text/css'],
    ['/main.js', 'text/javascript'],
  ] as const) {
    const reply = await fetch(new URL(path, page.address));
    expect(reply.headers.get('content-type')).toMatch(type);
    expect(reply.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(await reply.text()).not.toContain(new URL(page.address).hash.slice(1));
  }
});
