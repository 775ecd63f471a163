import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isExpired } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import { configMap, startScene, until, type ConfigMap, type Scene } from '../testing/scene.js';
import { Reflector, type ReflectorOptions } from './reflector.js';
import { Store } from './store.js';

const { configMaps } = RESOURCES;
const isWatch = ({ url }: { url: string }): boolean => url.includes('watch=true');
const isList = ({ method, url }: { method: string; url: string }): boolean =>
  method === 'GET' && url.includes('limit=');

let scene: Scene;
let stop: AbortController;
let running: Promise<void>[];
beforeEach(async () => {
  scene = await startScene();
  stop = new AbortController();
  running = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running);
  await scene.end();
});

function reflect(options: ReflectorOptions = {}) {
  const store = new Store<ConfigMap>();
  const problems: { doing: string; error: unknown }[] = [];
  const changes: string[] = [];
  store.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  const reflector = new Reflector(scene.client, configMaps, store, {
    namespace: scene.namespace,
    // A real server puts a map of its own into every namespace.
    labelSelector: 'test=yes',
    pauseMsMin: 10,
    pauseMsMax: 100,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  running.push(reflector.run(stop.signal));
  const names = (): string =>
    store
      .list()
      .map(({ metadata }) => metadata.name)
      .sort()
      .join();
  return { store, reflector, problems, changes, names };
}

function labelled(name: string, data?: Record<string, string>): ConfigMap {
  const made = configMap(scene.namespace, name, data);
  return { ...made, metadata: { ...made.metadata, labels: { test: 'yes' } } };
}

const make = (name: string): Promise<ConfigMap> => scene.client.create(configMaps, labelled(name));
const remove = (name: string): Promise<void> =>
  scene.client.delete(configMaps, { namespace: scene.namespace, name });

test('it lists in pages, then follows every change', async () => {
  for (const name of ['a', 'b', 'c']) await make(name);
  const { reflector, changes, names } = reflect({ pageSize: 2 });
  await reflector.synced;
  expect(names()).toBe('a,b,c');
  const made = await make('d');
  await scene.client.replace(configMaps, { ...made, data: { k: 'v' } });
  await remove('a');
  await until(() => names() === 'b,c,d', 'the changes are there');
  expect(changes.slice(3)).toEqual(['added d', 'changed d', 'deleted a']);
  expect(reflector.lists).toBe(1);
});

test('a broken watch goes on where it was, without a list', async () => {
  const { reflector, names } = reflect();
  await reflector.synced;
  for (let i = 0; i < 5; i++) {
    scene.proxy.breakConnections();
    await make(`m${i}`);
  }
  await until(() => names() === 'm0,m1,m2,m3,m4', 'all changes are there');
  expect(reflector.lists).toBe(1);
});

test('a killed server: it comes back by itself, and sees what was deleted meanwhile', async () => {
  await make('a');
  await make('b');
  const { reflector, problems, names } = reflect();
  await reflector.synced;
  await scene.proxy.kill();
  await until(() => problems.length >= 2, 'it notices and tries again');
  await scene.proxy.start();
  await remove('a');
  await make('c');
  await until(() => names() === 'b,c', 'the store follows again');
});

test('410 on a watch: it lists anew, and tells deletions that nobody saw', async () => {
  await make('a');
  await make('b');
  const { reflector, problems, changes, names } = reflect();
  await reflector.synced;
  scene.proxy.answer({ status: 410, reason: 'Expired', only: isWatch });
  scene.proxy.breakConnections();
  await remove('a');
  await until(() => reflector.lists === 2 && names() === 'b', 'it has listed again');
  expect(changes).toContain('deleted a');
  expect(problems.some(({ error }) => isExpired(error))).toBe(true);
});

test('a version that is compacted: 410 comes as an event', async () => {
  // Only the server for tests forgets on order; a real one does in five minutes.
  const { server } = scene;
  if (server === undefined) return;
  server.bookmarkMs = 60_000;
  await make('a');
  const { reflector, names } = reflect();
  await reflector.synced;
  await scene.proxy.kill();
  server.storage.delete('/configmaps', { namespace: scene.namespace, name: 'a' });
  server.storage.put('/configmaps', labelled('b') as never);
  server.compact();
  await scene.proxy.start();
  await until(() => names() === 'b', 'it has listed again');
  expect(reflector.lists).toBe(2);
});

test('bookmarks keep a quiet watch young: nothing is listed anew after a compaction', async () => {
  const { server } = scene;
  if (server === undefined) return;
  server.bookmarkMs = 20;
  const { reflector, names } = reflect();
  await reflector.synced;
  await until(
    () => scene.proxy.requests.filter((request) => request.includes('configmaps')).length === 2,
    'it watches',
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  // Much happens elsewhere, and is forgotten.
  for (let i = 0; i < 20; i++) server.storage.put('/pods', { ...labelled(`p${i}`), kind: 'Pod' });
  server.compact();
  await new Promise((resolve) => setTimeout(resolve, 200));
  scene.proxy.breakConnections();
  await make('a');
  await until(() => names() === 'a', 'the change is there');
  expect(reflector.lists).toBe(1);
});

test.each([
  ['a list', isList],
  ['a watch', isWatch],
])('500 and 429 for %s: it tries again', async (_, only) => {
  await make('a');
  const flood = Array.from({ length: 8 }, (_, i) => ({ status: i % 2 === 0 ? 500 : 429, only }));
  scene.proxy.answer(...flood);
  const { reflector, names } = reflect();
  await reflector.synced;
  await make('b');
  await until(() => names() === 'a,b', 'it follows');
});

test('410 in the middle of the pages: the list begins anew', async () => {
  for (const name of ['a', 'b', 'c']) await make(name);
  scene.proxy.answer({ status: 410, reason: 'Expired', only: ({ url }) => url.includes('continue=') });
  const { reflector, names } = reflect({ pageSize: 2 });
  await reflector.synced;
  expect(names()).toBe('a,b,c');
  expect(reflector.lists).toBe(2);
});

test('a slow server is waited for', async () => {
  await make('a');
  scene.proxy.delayMs = 500;
  const { reflector, problems, names } = reflect();
  await reflector.synced;
  expect(names()).toBe('a');
  expect(problems).toEqual([]);
});

test('a watch that tells nonsense is begun anew', async () => {
  const { reflector, problems, names } = reflect();
  await reflector.synced;
  scene.proxy.answer(
    { status: 200, body: '{"type":"GOSSIP","object":{}}\n', only: isWatch },
    { status: 200, body: 'nonsense\n', only: isWatch },
  );
  scene.proxy.breakConnections();
  await make('a');
  await until(() => names() === 'a', 'it follows');
  expect(problems.map(({ error }) => (error as Error).message).join()).toMatch(
    /unknown event "GOSSIP".*an event is no JSON/,
  );
});
