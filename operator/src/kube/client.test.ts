import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { configMap, QUICK, startScene, type Scene } from '../testing/scene.js';
import { ApiError, ConnectionError, isAlreadyThere, isConflict } from './errors.js';
import { RESOURCES } from './resource.js';

const { configMaps, pods } = RESOURCES;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.end());
beforeEach(() => {
  scene.proxy.requests.length = 0;
  scene.proxy.delayMs = 0;
});

let count = 0;
const fresh = (data?: Record<string, string>) => configMap(scene.namespace, `map-${++count}`, data);

async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('objects', () => {
  test('are created once, read, replaced, and deleted', async () => {
    const { client } = scene;
    const made = await client.create(configMaps, fresh({ a: '1' }));
    expect(made.metadata.uid).toBeDefined();
    expect(
      isAlreadyThere(
        await refusalOf(client.create(configMaps, configMap(scene.namespace, made.metadata.name))),
      ),
    ).toBe(true);
    const replaced = await client.replace(configMaps, { ...made, data: { a: '2' } });
    expect(replaced.data).toEqual({ a: '2' });
    expect(isConflict(await refusalOf(client.replace(configMaps, { ...made, data: { a: '3' } })))).toBe(true);
    await client.delete(configMaps, made.metadata);
    expect(await client.get(configMaps, made.metadata)).toBeUndefined();
    await client.delete(configMaps, made.metadata);
  });

  test('are deleted only if they are the one that was meant', async () => {
    const { client } = scene;
    const made = await client.create(configMaps, fresh());
    const other = '00000000-0000-0000-0000-000000000000';
    expect(isConflict(await refusalOf(client.delete(configMaps, made.metadata, { uid: other })))).toBe(true);
    await client.delete(configMaps, made.metadata, { uid: made.metadata.uid! });
    expect(await client.get(configMaps, made.metadata)).toBeUndefined();
  });

  test('applied: what was applied before and is not any more goes, what others applied stays', async () => {
    const { client } = scene;
    const other = scene.clientOf({ fieldManager: 'someone-else' });
    const wanted = fresh({ a: '1', b: '1' });
    const made = await client.apply(configMaps, wanted);
    await other.apply(configMaps, { ...wanted, data: { c: '1' } });
    const again = await client.apply(configMaps, { ...wanted, data: { a: '2' } });
    expect(again.data).toEqual({ a: '2', c: '1' });
    expect(again.metadata.uid).toBe(made.metadata.uid);
  });

  test('applied again as they are do not change', async () => {
    const { client } = scene;
    const wanted = fresh({ a: '1' });
    const { metadata } = await client.apply(configMaps, wanted);
    expect((await client.apply(configMaps, wanted)).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test('are changed in part', async () => {
    const { client } = scene;
    const { metadata } = await client.create(configMaps, fresh({ a: '1', b: '1' }));
    expect((await client.merge(configMaps, metadata, { data: { a: null, c: '2' } })).data).toEqual({
      b: '1',
      c: '2',
    });
  });

  test('are listed in pages, each saying what it is', async () => {
    const { client, namespace } = scene;
    for (const name of ['x', 'y', 'z']) {
      await client.create(configMaps, {
        ...configMap(namespace, `page-${name}`),
        metadata: { name: `page-${name}`, namespace, labels: { page: 'yes' } },
      });
    }
    const names: string[] = [];
    let pages = 0;
    let more: string | undefined;
    do {
      const page = await client.list(configMaps, {
        namespace,
        labelSelector: 'page=yes',
        limit: 2,
        continue: more,
      });
      for (const { kind, metadata } of page.items) names.push(`${kind} ${metadata.name}`);
      more = page.continue;
      pages++;
    } while (more !== undefined);
    expect(names).toEqual(['ConfigMap page-x', 'ConfigMap page-y', 'ConfigMap page-z']);
    expect(pages).toBe(2);
  });
});

describe('what may pass is tried again', () => {
  const attempts = (): number => scene.proxy.requests.length;

  test.each([500, 502, 503, 504])('%i', async (status) => {
    scene.proxy.answer({ status }, { status });
    const made = await scene.client.create(configMaps, fresh());
    expect(made.metadata.uid).toBeDefined();
    expect(attempts()).toBe(3);
  });

  test('429, not before the server says', async () => {
    scene.proxy.answer({ status: 429, headers: { 'retry-after': '1' } });
    const began = performance.now();
    await scene.client.create(configMaps, fresh());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect(attempts()).toBe(2);
  });

  test('a Retry-After that nobody would wait for is cut', async () => {
    const impatient = scene.clientOf({ retry: { ...QUICK, pauseMsMax: 50 } });
    scene.proxy.answer({ status: 503, headers: { 'retry-after': '86400' } });
    await impatient.create(configMaps, fresh());
    expect(attempts()).toBe(2);
  });

  test('an answer that is no JSON', async () => {
    scene.proxy.answer({ status: 200, body: '<html>' });
    await scene.client.create(configMaps, fresh());
    expect(attempts()).toBe(2);
  });

  test('a server that is away for a moment', async () => {
    await scene.proxy.kill();
    const created = scene.client.create(configMaps, fresh());
    await new Promise((resolve) => setTimeout(resolve, 100));
    await scene.proxy.start();
    expect((await created).metadata.uid).toBeDefined();
  });

  test('a server that takes the request and never answers', async () => {
    const hasty = scene.clientOf({ timeoutMs: 100, retry: { triesMax: 2, pauseMsMin: 1, pauseMsMax: 1 } });
    scene.proxy.silent = true;
    const refused = await refusalOf(hasty.get(configMaps, { namespace: scene.namespace, name: 'any' }));
    scene.proxy.silent = false;
    expect(refused).toBeInstanceOf(ConnectionError);
    expect((refused as Error).message).toContain('no answer within 100 ms');
    expect(attempts()).toBe(2);
  });

  test('but not for ever', async () => {
    scene.proxy.answer(...Array.from({ length: QUICK.triesMax }, () => ({ status: 500 })));
    const refused = await refusalOf(
      scene.client.get(configMaps, { namespace: scene.namespace, name: 'any' }),
    );
    expect(refused).toBeInstanceOf(ApiError);
    expect((refused as ApiError).code).toBe(500);
    expect(attempts()).toBe(QUICK.triesMax);
  });

  test('and not after the caller has given up', async () => {
    scene.proxy.answer(
      ...Array.from({ length: 3 }, () => ({ status: 503, headers: { 'retry-after': '2' } })),
    );
    const began = performance.now();
    const refused = await refusalOf(
      scene.client.get(configMaps, { namespace: scene.namespace, name: 'any' }, AbortSignal.timeout(100)),
    );
    expect(refused).toBeDefined();
    expect(performance.now() - began).toBeLessThan(1000);
    expect(attempts()).toBe(1);
    // What was not asked for is not left to the next test.
    for (let i = 0; i < 2; i++)
      await refusalOf(
        scene
          .clientOf({ retry: { ...QUICK, triesMax: 1 } })
          .get(configMaps, { namespace: scene.namespace, name: 'any' }),
      );
  });
});

test.each([400, 403, 409, 422])('%i is final: the server understood, and said no', async (status) => {
  scene.proxy.answer({ status, reason: 'Invalid' });
  const refused = await refusalOf(scene.client.create(configMaps, fresh()));
  expect(refused).toBeInstanceOf(ApiError);
  expect((refused as Error).message).toContain(`${status} on order`);
  expect(scene.proxy.requests).toHaveLength(1);
});

test('a pod that a disruption budget protects is not evicted, and its caller is told at once', async () => {
  const { client, namespace, server } = scene;
  // A real server wants a whole pod and a budget for this: the cases of a real cluster show it.
  if (server === undefined) return;
  const pod = await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kept', namespace },
  });
  server.protectedPods.add('kept');
  scene.proxy.requests.length = 0;
  const refused = await refusalOf(client.evict({ namespace, name: 'kept' }));
  expect((refused as ApiError).code).toBe(429);
  expect(scene.proxy.requests).toHaveLength(1);
  server.protectedPods.clear();
  await client.evict({ namespace, name: 'kept' });
  expect(await client.get(pods, pod.metadata)).toBeUndefined();
});
