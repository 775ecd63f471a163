import { expect, test } from '@jest/globals';
import { begin, settle } from '../kv/kv-scene.js';

function changed(scene: Awaited<ReturnType<typeof begin>>, index: number): void {
  const { newest } = scene.transport;
  const event = { type: 1 as never, name: 'a', lease: '5', claim: 1, token: index, index, state: undefined };
  newest.event({ $case: 'lock', value: { watch: newest.last('lockWatch').id, event } });
}

test('a watch of a state begins anew on every stream', async () => {
  const scene = await begin();
  const watch = scene.client.watchLock('a');
  const first = watch.next();
  await settle(scene.clock);
  changed(scene, 3);
  expect((await first).value).toMatchObject({ index: 3 });
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect(scene.transport.newest.count('lockWatch')).toBe(1);
});

test('for a slow reader it begins anew too, and what waited is dropped', async () => {
  const scene = await begin();
  const watch = scene.client.watchLock('a');
  const first = watch.next();
  await settle(scene.clock);
  const { newest } = scene.transport;
  newest.answer(newest.last('lockWatch').id, { $case: 'watching', value: {} });
  for (let index = 0; index <= 1_025; index++) changed(scene, index);
  await settle(scene.clock);
  expect([newest.count('lockWatch'), newest.count('unwatch')]).toEqual([2, 1]);
  expect((await first).value).toMatchObject({ index: 0 });
  changed(scene, 9_000);
  expect((await watch.next()).value).toMatchObject({ index: 9_000 });
});
