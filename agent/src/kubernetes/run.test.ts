import type { AegisCluster } from '@aegis/crds';
import { KubeClient, plainServer, RESOURCES, sampleCluster, TestApiServer } from '@aegis/operator/testing';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_POLICY } from '../propose/index.js';
import { runInKubernetes } from './run.js';

jest.setTimeout(120_000);

let folder: string;
let server: TestApiServer;
let client: KubeClient;
let ended: AbortController;
let port: number;
const said: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-in-kubernetes-'));
  server = new TestApiServer();
  await server.start();
  client = new KubeClient(plainServer(server.url));
  ended = new AbortController();
  port = await freePort();
  said.length = 0;
});
afterEach(async () => {
  ended.abort();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function declare(name: string): Promise<void> {
  const metadata = { name, namespace: 'shop' };
  const cluster: AegisCluster = { ...sampleCluster({}, name), metadata };
  await client.create(RESOURCES.clusters, cluster);
  const members = [{ id: 1, pod: `${name}-0`, role: 'Leader' as const, ready: true }];
  await client.apply(
    RESOURCES.clusters,
    { ...cluster, status: { clusterId: `id-of-${name}`, members } },
    { subresource: 'status' },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

async function until(line: string): Promise<void> {
  while (!said.some((each) => each.includes(line))) await sleep(20);
}

function start(lease?: { namespace: string; name: string }): Promise<void> {
  const config = {
    kubernetes: lease === undefined ? {} : { lease },
    ...{ folder, scrapeMs: 1_000, policy: DEFAULT_POLICY },
    ...{ dashboard: { host: '127.0.0.1', port }, dashboardHosts: [] },
  };
  return runInKubernetes(config, ended.signal, (line) => said.push(line), plainServer(server.url));
}

test('each cluster is looked after while it is there, in a folder of its own', async () => {
  await declare('orders');
  const running = start();
  await until('shop/orders: watching 1 replicas of cluster id-of-orders');
  expect(said.join()).toContain('proposals stay in their resources: its spec has no configSource');
  await declare('carts');
  await until('shop/carts: watching');
  await client.delete(RESOURCES.clusters, { namespace: 'shop', name: 'orders' });
  expect(readdirSync(join(folder, 'shop')).map((name) => name.replace(/-[0-9a-f]{8}$/, ''))).toEqual([
    'carts',
    'orders',
  ]);
  ended.abort();
  await running;
});

test('of two agents one works, by the Lease that is there', async () => {
  const lease = { namespace: 'system', name: 'aegis-agent' };
  await declare('orders');
  await client.create(RESOURCES.electionLeases, {
    ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease },
    spec: {},
  });
  const running = [start(lease), start(lease)];
  await until('watching');
  await sleep(1_000);
  expect(said.filter((line) => line.includes('watching'))).toHaveLength(1);
  ended.abort();
  await Promise.all(running);
});

test('the dashboard shows the only cluster at once, and of several a list', async () => {
  const base = `http://127.0.0.1:${port}`;
  const shown = async (path: string): Promise<string> => (await fetch(`${base}${path}`)).text();
  const moved = async (path: string): Promise<unknown> => {
    const { status, headers } = await fetch(`${base}${path}`, { redirect: 'manual' });
    return [status, headers.get('location')];
  };
  const running = start();
  await until('the dashboard is at');
  expect(await shown('/')).toContain('looks after no cluster now');
  await declare('orders');
  await until('shop/orders: watching');
  expect(await moved('/')).toEqual([307, '/clusters/shop/orders/']);
  expect(await moved('/clusters/shop/orders')).toEqual([307, '/clusters/shop/orders/']);
  expect(await shown('/clusters/shop/orders/')).toContain('<script type="module" src="/page/main.js">');
  const live = await fetch(`${base}/clusters/shop/orders/api/live`, { signal: ended.signal });
  const { value } = await live.body!.pipeThrough(new TextDecoderStream()).getReader().read();
  expect(value).toContain('retry');
  await declare('carts');
  await until('shop/carts: watching');
  const list = await shown('/');
  for (const name of ['carts', 'orders'])
    expect(list).toContain(`<a href="/clusters/shop/${name}/">shop/${name}</a>`);
  expect(await shown('/clusters/shop/carts/api/incident?id=i-1')).toContain('there is no incident i-1');
  await client.delete(RESOURCES.clusters, { namespace: 'shop', name: 'orders' });
  while ((await fetch(`${base}/clusters/shop/orders/`)).status !== 404) await sleep(100);
  expect(await moved('/')).toEqual([307, '/clusters/shop/carts/']);
  ended.abort();
  await running;
});
