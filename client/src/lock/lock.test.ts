import { expect, test } from '@jest/globals';
import { connect, type Client } from '../client.js';
import { ManualClock } from '../clock/manual-clock.js';
import type { AegisError } from '../errors/index.js';
import { ScriptedTransport } from '../stream/scripted-transport.js';
import type { Held } from './held.js';

const GRANTED = 1;
const QUEUED = 2;
const NOT_GRANTED = 3;
const SESSION_EXPIRED = 23;
const TTL_MS = 9_000;

interface Scene {
  clock: ManualClock;
  transport: ScriptedTransport;
  client: Client;
}

function begin(): Scene {
  const clock = new ManualClock();
  const transport = new ScriptedTransport();
  const options = { endpoints: ['a:1', 'b:1'], ttlMs: TTL_MS, random: () => 0 };
  return { clock, transport, client: connect({ ...options, transport, clock, timers: clock }) };
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(clock: ManualClock): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
    clock.endTurn();
  }
}

function acquired(scene: Scene, outcome: 1 | 2 | 3, token = 0): void {
  const { newest } = scene.transport;
  const value = { outcome, token, position: 0 };
  newest.answer(newest.last('lockAcquire').id, { $case: 'lockAcquire', value });
}

/** Opens the session of the first acquire. */
async function openSession(scene: Scene, options = {}): Promise<{ asked: Promise<Held> }> {
  const asked = scene.client.lock('a', options).acquire();
  asked.catch(() => undefined);
  scene.transport.newest.welcome();
  await settle(scene.clock);
  scene.transport.newest.grant('77', TTL_MS);
  await settle(scene.clock);
  return { asked };
}

async function hold(scene: Scene): Promise<Held> {
  const { asked } = await openSession(scene);
  acquired(scene, GRANTED, 5);
  return asked;
}

async function failureOf(promise: Promise<unknown>): Promise<AegisError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: AegisError) => error,
  );
}

test('the first use opens a session, and the acquire carries its lease, a claim and a sequence', async () => {
  const scene = begin();
  const held = await hold(scene);
  const { request, call } = scene.transport.newest.last('lockAcquire');
  expect(request.value).toMatchObject({ name: 'a', lease: '77', claim: 1, waitMs: -1, lockDelayMs: 0 });
  expect(call).toEqual({ lease: '77', grantIndex: 7, sequence: 1, lowestUnanswered: 1 });
  expect([held.token, held.valid, held.signal.aborted]).toEqual([5, true, false]);
});

test('a second lock shares the session, with a claim of its own', async () => {
  const scene = begin();
  await hold(scene);
  void scene.client.lock('b').acquire();
  await settle(scene.clock);
  expect(scene.transport.newest.count('leaseGrant')).toBe(1);
  expect(scene.transport.newest.last('lockAcquire').request.value).toMatchObject({ lease: '77', claim: 2 });
});

test('keepalives go out at a third of the TTL, all sessions of the connection in one operation', async () => {
  const scene = begin();
  await hold(scene);
  const own = scene.client.session(TTL_MS).lock('c').acquire();
  own.catch(() => undefined);
  await settle(scene.clock);
  scene.transport.newest.grant('78', TTL_MS);
  await settle(scene.clock);
  acquired(scene, GRANTED, 6);
  scene.clock.advance(TTL_MS / 3 - 100);
  expect(scene.transport.newest.count('leaseKeepAlive')).toBe(0);
  scene.clock.advance(150);
  expect(scene.transport.newest.count('leaseKeepAlive')).toBe(1);
  expect(scene.transport.newest.last('leaseKeepAlive').request.value.leases).toEqual(['77', '78']);
});

test('without an acknowledged keepalive the lock is lost by our own clock, and the signal says so', async () => {
  const scene = begin();
  const held = await hold(scene);
  const { signal } = held;
  scene.clock.advance(TTL_MS - 201);
  expect([held.valid, signal.aborted]).toEqual([true, false]);
  scene.clock.advance(51);
  expect([held.valid, signal.aborted]).toEqual([false, true]);
  expect((signal.reason as AegisError).code).toBe('LOCK_LOST');
  expect(await held.release()).toBe(false);
});

test('an acknowledged keepalive counts from when it was sent, not from when it was answered', async () => {
  const scene = begin();
  const held = await hold(scene);
  scene.clock.advance(TTL_MS / 3);
  const { id } = scene.transport.newest.last('leaseKeepAlive');
  scene.clock.advance(1_000);
  scene.transport.newest.answer(id, { $case: 'leaseKeepAlive', value: { ttlMs: [TTL_MS] } });
  scene.clock.pause(TTL_MS - 200 - 1_000 - 1);
  expect(held.valid).toBe(true);
  scene.clock.pause(51);
  expect(held.valid).toBe(false);
});

test('a process that was paused sees the lock invalid at once, and the signal in its first timer turn', async () => {
  const scene = begin();
  const held = await hold(scene);
  const { signal } = held;
  scene.clock.pause(TTL_MS);
  expect(held.valid).toBe(false);
  expect(signal.aborted).toBe(false);
  scene.clock.advance(0);
  expect(signal.aborted).toBe(true);
});

test('a machine that was suspended too, although its timers stood still', async () => {
  const scene = begin();
  const held = await hold(scene);
  scene.clock.suspend(TTL_MS);
  expect(held.valid).toBe(false);
  scene.clock.advance(50);
  expect(held.signal.aborted).toBe(true);
});

test('a lease that the cluster no longer has ends the session and its locks', async () => {
  const scene = begin();
  const held = await hold(scene);
  scene.clock.advance(TTL_MS / 3 + 50);
  const { id } = scene.transport.newest.last('leaseKeepAlive');
  scene.transport.newest.answer(id, { $case: 'leaseKeepAlive', value: { ttlMs: [0] } });
  expect(held.valid).toBe(false);
  expect(held.lost?.cause).toMatchObject({ code: 'SESSION_EXPIRED' });
  void scene.client.lock('a').acquire();
  await settle(scene.clock);
  expect(scene.transport.newest.count('leaseGrant')).toBe(2);
});

test('SESSION_EXPIRED of one call ends all that the session holds', async () => {
  const scene = begin();
  const held = await hold(scene);
  const second = failureOf(scene.client.lock('b').acquire());
  await settle(scene.clock);
  const { id } = scene.transport.newest.last('lockAcquire');
  scene.transport.newest.refuse(id, SESSION_EXPIRED, { retryable: false, definite: false });
  expect((await second).code).toBe('SESSION_EXPIRED');
  expect(held.valid).toBe(false);
});

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
