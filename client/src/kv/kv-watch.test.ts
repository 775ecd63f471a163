import { expect, test } from '@jest/globals';
import type { CompactedError } from '../errors/index.js';
import type { WatchBatch } from './watch-options.js';
import type { KvWatch } from './kv-watch.js';
import { begin, changes, failureOf, keyValue, rangeAnswer, settle, watched, type Scene } from './kv-scene.js';

const NO_LEADER = 6;

async function started(
  options = {},
): Promise<{ scene: Scene; watch: KvWatch; first: Promise<IteratorResult<WatchBatch>> }> {
  const scene = await begin();
  const watch = scene.client.kv.watch({ prefix: 'k', fromRevision: 5, ...options });
  const first = watch.next();
  await settle(scene.clock);
  confirm(scene);
  return { scene, watch, first };
}

function confirm({ transport: { newest } }: Scene): void {
  newest.answer(newest.last('kvWatch').id, { $case: 'watching', value: {} });
}

const startOf = (scene: Scene): number => scene.transport.newest.last('kvWatch').request.value.startRevision;
const revisionOf = async (next: Promise<IteratorResult<WatchBatch>>): Promise<number> =>
  (await next).value?.revision;

test('the events of one revision come together, those of another apart', async () => {
  const { scene, watch, first } = await started();
  watched(scene, changes(5, 5, 6));
  const { value } = await first;
  expect([value?.revision, value?.events.length]).toEqual([5, 2]);
  expect((await watch.next()).value).toMatchObject({ revision: 6, events: [{ type: 'put' }] });
});

test('after a reconnect it goes on from the next revision, and what comes twice is left out', async () => {
  const { scene, watch, first } = await started();
  expect(startOf(scene)).toBe(5);
  watched(scene, changes(5, 7));
  await first;
  await watch.next();
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect(startOf(scene)).toBe(8);
  const next = watch.next();
  watched(scene, changes(7, 8));
  expect(await revisionOf(next)).toBe(8);
});

test('a watch from now on knows its revision before it watches', async () => {
  const scene = await begin();
  const watch = scene.client.kv.watch({ key: 'k' });
  const next = watch.next();
  await settle(scene.clock);
  expect(scene.transport.newest.count('kvWatch')).toBe(0);
  rangeAnswer(scene, { revision: 41 });
  await settle(scene.clock);
  expect(startOf(scene)).toBe(42);
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect(startOf(scene)).toBe(42);
  watched(scene, changes(42));
  expect(await revisionOf(next)).toBe(42);
});

test('a progress note moves the revision that a reconnect asks for, and is told only on request', async () => {
  for (const progress of [false, true]) {
    const { scene, watch, first } = await started({ progress });
    expect(scene.transport.newest.last('kvWatch').request.value.progressNotify).toBe(true);
    watched(scene, { revision: 30 });
    scene.transport.newest.break();
    scene.transport.newest.welcome();
    await settle(scene.clock);
    expect(startOf(scene)).toBe(31);
    watched(scene, changes(33));
    expect(await revisionOf(first)).toBe(progress ? 30 : 33);
    await watch.return();
  }
});

test('the answer that a watch was created says nothing of its progress', async () => {
  const { scene } = await started();
  watched(scene, { revision: 90, created: true });
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect(startOf(scene)).toBe(5);
});

test('what is compacted ends the watch with the revision at which history begins', async () => {
  const { scene, first } = await started();
  const failed = failureOf(first);
  watched(scene, { canceled: true, compactRevision: 12 });
  const error = await failed;
  expect(error.code).toBe('COMPACTED');
  expect((error as CompactedError).compactedRevision).toBe(12);
});

test('a watch that the replica ends for another reason is asked for again from where it is', async () => {
  const { scene, first } = await started();
  watched(scene, changes(5));
  await first;
  watched(scene, { canceled: true, cancelReason: 'too slow' });
  scene.clock.advance(600);
  expect(scene.transport.newest.count('kvWatch')).toBe(2);
  expect(startOf(scene)).toBe(6);
});

test('for a slow reader the replica is told to stop, and asked again from there when all has been read', async () => {
  const { scene, watch, first } = await started();
  await settle(scene.clock);
  const revisions = Array.from({ length: 6_000 }, (_, index) => 5 + index);
  watched(scene, changes(...revisions));
  await settle(scene.clock);
  const { newest } = scene.transport;
  expect(newest.count('unwatch')).toBe(1);
  const read = [await revisionOf(first)];
  while (newest.count('kvWatch') === 1) {
    read.push(await revisionOf(watch.next()));
    await settle(scene.clock);
  }
  expect(read.length).toBeLessThan(5_000);
  expect(read).toEqual(revisions.slice(0, read.length));
  expect(startOf(scene)).toBe(5 + read.length);
});

test('a resting watch is not asked for on a new stream', async () => {
  const { scene } = await started();
  watched(scene, changes(...Array.from({ length: 6_000 }, (_, index) => 5 + index)));
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect(scene.transport.newest.count('kvWatch')).toBe(0);
});

test('a reader that keeps up is never cut off, however much it reads', async () => {
  const { scene, watch, first } = await started();
  await Promise.all([first, Promise.resolve(watched(scene, changes(5)))]);
  watched(scene, changes(6));
  for (let revision = 7; revision < 8_000; revision++) {
    watched(scene, changes(revision));
    expect(await revisionOf(watch.next())).toBe(revision - 1);
  }
  expect(scene.transport.newest.count('unwatch')).toBe(0);
});

test('many watches share one stream, each with its own events', async () => {
  const { scene, first } = await started();
  const other = scene.client.kv.watch({ key: 'x', fromRevision: 1 }).next();
  await settle(scene.clock);
  watched(scene, { events: [{ type: 1, kv: keyValue('x', 2), prevKv: undefined }] });
  expect((await other).value).toMatchObject({ revision: 2, events: [{ type: 'delete' }] });
  expect(scene.transport.streams.length).toBe(1);
  expect(await Promise.race([first, Promise.resolve('nothing')])).toBe('nothing');
});

test('leaving the loop, or the signal, ends the watch in the replica too', async () => {
  const controller = new AbortController();
  const { scene, first } = await started({ signal: controller.signal });
  controller.abort();
  expect((await first).done).toBe(true);
  await settle(scene.clock);
  const { newest } = scene.transport;
  expect(newest.last('unwatch').request.value.watch).toBe(newest.last('kvWatch').id);
});

test('a watch that is left before the replica has begun it is ended when it has', async () => {
  const scene = await begin();
  const watch = scene.client.kv.watch({ prefix: 'k', fromRevision: 5 });
  void watch.next();
  await settle(scene.clock);
  await watch.return();
  await settle(scene.clock);
  const { newest } = scene.transport;
  expect(newest.count('unwatch')).toBe(0);
  confirm(scene);
  await settle(scene.clock);
  expect(newest.last('unwatch').request.value.watch).toBe(newest.last('kvWatch').id);
});

test('a stream that breaks before a watch has begun does not end it', async () => {
  const scene = await begin();
  const next = scene.client.kv.watch({ prefix: 'k', fromRevision: 5 }).next();
  await settle(scene.clock);
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  watched(scene, changes(5));
  expect(await revisionOf(next)).toBe(5);
});

test('once it has worked, it outlives refusals; before that they end it', async () => {
  const { scene, watch, first } = await started();
  watched(scene, changes(5));
  await first;
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  const next = watch.next();
  scene.transport.newest.refuse(scene.transport.newest.last('kvWatch').id, NO_LEADER, {
    retryable: true,
    definite: true,
  });
  for (let i = 0; i < 60; i++) {
    scene.clock.advance(100);
    scene.transport.newest.welcome();
  }
  watched(scene, changes(6));
  expect(await revisionOf(next)).toBe(6);
});
