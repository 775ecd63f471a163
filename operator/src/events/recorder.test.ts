import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RESOURCES } from '../kube/resource.js';
import { configMap, startScene, type ConfigMap, type Scene } from '../testing/scene.js';
import { EventRecorder } from './recorder.js';
import { TokenBuckets } from './token-buckets.js';

let scene: Scene;
let about: ConfigMap;
const problems: unknown[] = [];
beforeEach(async () => {
  scene = await startScene();
  about = await scene.client.create(RESOURCES.configMaps, configMap(scene.namespace, 'subject'));
  about = { ...about, apiVersion: 'v1', kind: 'ConfigMap' };
  problems.length = 0;
});
afterEach(() => scene.end());

const recorder = () => new EventRecorder(scene.client, 'aegis-operator', (error) => problems.push(error));
const events = async () => (await scene.client.list(RESOURCES.events, { namespace: scene.namespace })).items;

test('the same event again, raises its count; another process begins its own', async () => {
  const said = { type: 'Warning', reason: 'RollStopped', message: 'member 3 does not catch up' } as const;
  const one = recorder();
  await one.record(about, said);
  await one.record(about, said);
  await one.record(about, { ...said, message: 'member 4 does not catch up' });
  await recorder().record(about, said);
  const counts = (await events()).map(({ count, message, involvedObject }) => {
    return `${count} ${message} ${involvedObject.name}`;
  });
  expect(counts.toSorted()).toEqual([
    '1 member 3 does not catch up subject',
    '1 member 4 does not catch up subject',
    '2 member 3 does not catch up subject',
  ]);
  expect(problems).toEqual([]);
});

test('an event that cannot be written fails nobody', async () => {
  scene.proxy.answer({ status: 403, reason: 'Forbidden' });
  await recorder().record(about, { type: 'Normal', reason: 'Started', message: 'x' });
  expect(problems).toHaveLength(1);
  expect(await events()).toEqual([]);
});

test('who says too much about one object is cut short', async () => {
  const one = recorder();
  for (let i = 0; i < 40; i++)
    await one.record(about, { type: 'Normal', reason: 'Chatter', message: `number ${i}` });
  expect(await events()).toHaveLength(25);
});

test('buckets fill up again', () => {
  const buckets = new TokenBuckets({ size: 2, refillMs: 100 });
  expect([0, 1, 2].map((ms) => buckets.take('a', ms))).toEqual([true, true, false]);
  expect(buckets.take('b', 2)).toBe(true);
  expect([99, 100, 101].map((ms) => buckets.take('a', ms))).toEqual([false, true, false]);
});
