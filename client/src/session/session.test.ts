import { expect, test } from '@jest/globals';
import type { AegisError } from '../errors/index.js';
import { GRANTED, TTL_MS, acquired, begin, failureOf, hold, settle } from '../lock/lock-scene.js';

const SESSION_EXPIRED = 23;

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

test('a session that is closed while its lease is on the way gives it back, and keeps nothing alive', async () => {
  const scene = begin();
  const session = scene.client.session(TTL_MS);
  const asked = failureOf(session.lock('a').acquire());
  scene.transport.newest.welcome();
  await settle(scene.clock);
  await session.close();
  expect((await asked).code).toBe('SESSION_EXPIRED');
  scene.transport.newest.grant('77', TTL_MS);
  await settle(scene.clock);
  expect(scene.transport.newest.last('leaseRevoke').request.value).toEqual({ lease: '77' });
  scene.clock.advance(TTL_MS);
  expect(scene.transport.newest.count('leaseKeepAlive')).toBe(0);
});

test('closing a session revokes its lease, and its locks are lost at once', async () => {
  const scene = begin();
  const held = await hold(scene);
  const closed = scene.client.close();
  await settle(scene.clock);
  expect(held.valid).toBe(false);
  const { id } = scene.transport.newest.last('leaseRevoke');
  scene.transport.newest.answer(id, { $case: 'leaseRevoke', value: {} });
  await closed;
  expect(scene.transport.newest.closed).toBe(true);
});
