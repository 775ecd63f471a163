import { expect, test } from '@jest/globals';
import {
  GRANTED,
  NOT_GRANTED,
  QUEUED,
  TTL_MS,
  acquired,
  begin,
  failureOf,
  hold,
  openSession,
  settle,
} from './lock-scene.js';

test('a queued claim is granted by an event', async () => {
  const scene = begin();
  const { asked } = await openSession(scene);
  const { id } = scene.transport.newest.last('lockAcquire');
  acquired(scene, QUEUED);
  scene.transport.newest.settle(id, GRANTED, 8);
  expect((await asked).token).toBe(8);
});

test('after a change of streams a queued claim is asked for again: same claim, another sequence, what is left of its wait', async () => {
  const scene = begin();
  const { asked } = await openSession(scene, { waitMs: 5_000 });
  acquired(scene, QUEUED);
  scene.clock.advance(1_000);
  scene.transport.newest.break();
  scene.transport.newest.welcome({ memberId: 2, leaderId: 2 });
  await settle(scene.clock);
  const again = scene.transport.newest.last('lockAcquire');
  expect(again.request.value).toMatchObject({ claim: 1, waitMs: 4_000 });
  expect(again.call).toMatchObject({ sequence: 2, lowestUnanswered: 2 });
  acquired(scene, GRANTED, 9);
  expect((await asked).token).toBe(9);
});

test('"queued" in answer to a copy that was sent again is not trusted: its event may have gone elsewhere', async () => {
  const scene = begin();
  await openSession(scene);
  scene.transport.newest.break();
  scene.transport.newest.welcome({ memberId: 2, leaderId: 2 });
  await settle(scene.clock);
  expect(scene.transport.newest.last('lockAcquire').call?.sequence).toBe(1);
  acquired(scene, QUEUED);
  await settle(scene.clock);
  expect(scene.transport.newest.last('lockAcquire').call?.sequence).toBe(2);
});

test('an event that there is no such claim has it asked for again, unless its wait is over', async () => {
  const scene = begin();
  const { asked } = await openSession(scene, { waitMs: 1_000 });
  const failed = failureOf(asked);
  const first = scene.transport.newest.last('lockAcquire');
  acquired(scene, QUEUED);
  scene.transport.newest.unsettle(first.id);
  await settle(scene.clock);
  const again = scene.transport.newest.last('lockAcquire');
  expect(again.call?.sequence).toBe(2);
  acquired(scene, QUEUED);
  scene.clock.advance(1_000);
  scene.transport.newest.unsettle(again.id);
  expect((await failed).code).toBe('LOCK_NOT_GRANTED');
});

test('the end of the wait fails with LOCK_NOT_GRANTED', async () => {
  const scene = begin();
  const { asked } = await openSession(scene, { waitMs: 100 });
  const failed = failureOf(asked);
  const { id } = scene.transport.newest.last('lockAcquire');
  acquired(scene, QUEUED);
  scene.transport.newest.settle(id, NOT_GRANTED, 0);
  expect((await failed).code).toBe('LOCK_NOT_GRANTED');
});

test('a grant that comes after the caller was told that the time is over is given back', async () => {
  const scene = begin();
  const { asked } = await openSession(scene);
  const failed = failureOf(asked);
  for (let i = 0; i < 102; i++) {
    scene.clock.advance(100);
    const { newest } = scene.transport;
    newest.welcome();
    if (newest.count('leaseKeepAlive') > 0) {
      const { id } = newest.last('leaseKeepAlive');
      newest.answer(id, { $case: 'leaseKeepAlive', value: { ttlMs: [TTL_MS] } });
    }
  }
  expect((await failed).code).toBe('TIMEOUT');
  acquired(scene, GRANTED, 6);
  await settle(scene.clock);
  expect(scene.transport.newest.last('lockRelease').request.value).toEqual({
    name: 'a',
    lease: '77',
    claim: 1,
  });
});

test('a caller that stops waiting withdraws its claim', async () => {
  const scene = begin();
  await hold(scene);
  const controller = new AbortController();
  const failed = failureOf(scene.client.lock('b').acquire({ signal: controller.signal }));
  await settle(scene.clock);
  acquired(scene, QUEUED);
  controller.abort(new Error('enough'));
  expect((await failed).code).toBe('ABORTED');
  await settle(scene.clock);
  expect(scene.transport.newest.last('lockRelease').request.value).toMatchObject({ name: 'b', claim: 2 });
});

test('run gives the token and the signal, releases afterwards, and passes the result on', async () => {
  const scene = begin();
  await hold(scene);
  const ran = scene.client.lock.run('b', ({ token, valid }) => [token, valid]);
  await settle(scene.clock);
  acquired(scene, GRANTED, 12);
  await settle(scene.clock);
  const { id } = scene.transport.newest.last('lockRelease');
  scene.transport.newest.answer(id, { $case: 'lockRelease', value: { released: true, token: 12 } });
  expect(await ran).toEqual([12, true]);
});

test('run fails with LOCK_LOST when the lock was lost under its work, whatever the work returned', async () => {
  const scene = begin();
  await hold(scene);
  const ran = failureOf(scene.client.lock.run('b', () => scene.clock.pause(TTL_MS)));
  await settle(scene.clock);
  acquired(scene, GRANTED, 12);
  expect((await ran).code).toBe('LOCK_LOST');
});

test('a claim that is granted to a session which can no longer be relied upon is not passed on', async () => {
  const scene = begin();
  const { asked } = await openSession(scene);
  const failed = failureOf(asked);
  scene.clock.pause(TTL_MS);
  acquired(scene, GRANTED, 5);
  expect((await failed).code).toBe('SESSION_EXPIRED');
});

test.each([
  ['an empty name', '', {}, 'lock name'],
  ['a name of more than 1,024 bytes', 'ä'.repeat(513), {}, 'lock name'],
  ['no permits', 'a', { permits: 0 }, 'permits'],
  ['permits of an exclusive lock', 'a', { mode: 'exclusive', permits: 2 }, 'permits'],
  ['a negative wait', 'a', { waitMs: -2 }, 'waitMs'],
  ['an absurd lock-delay', 'a', { lockDelayMs: 600_001 }, 'lockDelayMs'],
] as const)('%s is refused before anything is sent', (_what, name, options, named) => {
  expect(() => begin().client.lock(name, options)).toThrow(named);
});
