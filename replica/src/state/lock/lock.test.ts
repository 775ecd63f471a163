import { describe, expect, test } from '@jest/globals';
import { AcquireOutcome, LockMode } from '@aegis/proto/v1/lock';
import { op, outcomeOf, Script } from '../testing/script.js';

const { GRANTED, QUEUED, NOT_GRANTED } = AcquireOutcome;
const { EXCLUSIVE, SHARED, SEMAPHORE } = LockMode;

async function withLeases(...leases: string[]): Promise<Script> {
  const script = await Script.start();
  for (const lease of leases) script.do(op.grant(lease, 60_000));
  return script;
}

/** What happened in the last entry, in short. */
const happened = (script: Script): string[] => script.events.map(({ type, lease }) => `${type} ${lease}`);

describe('an exclusive lock', () => {
  test('is granted to one, then to those that wait, in the order in which they came', async () => {
    const script = await withLeases('1', '2', '3');
    expect(script.do(op.acquire('lock', '1'))).toEqual({ outcome: GRANTED, token: 1, position: 0 });
    expect(script.do(op.acquire('lock', '2'))).toEqual({ outcome: QUEUED, token: 0, position: 0 });
    expect(script.do(op.acquire('lock', '3'))).toEqual({ outcome: QUEUED, token: 0, position: 1 });
    expect(script.do(op.release('lock', '1'))).toEqual({ released: true, token: 1 });
    expect(happened(script)).toEqual(['released 1', 'granted 2']);
    expect(script.events[1]).toEqual({
      type: 'granted',
      kind: 'lock',
      name: 'lock',
      lease: '2',
      claim: 1,
      token: 2,
      index: script.machine.appliedIndex,
      value: undefined,
    });
    script.do(op.release('lock', '2'));
    expect(happened(script)).toEqual(['released 2', 'granted 3']);
  });

  test('asked for again answers how it stands, and changes nothing', async () => {
    const script = await withLeases('1', '2', '3');
    script.do(op.acquire('lock', '1'));
    script.do(op.acquire('lock', '2'));
    script.do(op.acquire('lock', '3'));
    expect(script.do(op.acquire('lock', '1', { waitMs: 0 }))).toEqual({
      outcome: GRANTED,
      token: 1,
      position: 0,
    });
    expect(script.do(op.acquire('lock', '3', { waitMs: 0 }))).toEqual({
      outcome: QUEUED,
      token: 0,
      position: 1,
    });
    expect(script.events).toEqual([]);
    expect(script.do(op.acquire('lock', '1', { mode: SHARED }))).toMatchObject({ error: 'CLAIM_MISMATCH' });
    expect(script.machine.counts).toMatchObject({ holders: 1, waiters: 2 });
  });

  test('of another claim of the same lease is another acquisition', async () => {
    const script = await withLeases('1');
    script.do(op.acquire('lock', '1'));
    expect(script.do(op.acquire('lock', '1', { claim: 2 }))).toMatchObject({ outcome: QUEUED });
    expect(script.do(op.release('lock', '1', 1))).toEqual({ released: true, token: 1 });
    expect(script.do(op.acquire('lock', '1', { claim: 2 }))).toMatchObject({ outcome: GRANTED, token: 2 });
  });

  test('that is only tried is not queued for', async () => {
    const script = await withLeases('1', '2');
    script.do(op.acquire('lock', '1'));
    expect(script.do(op.acquire('lock', '2', { waitMs: 0 }))).toEqual({
      outcome: NOT_GRANTED,
      token: 0,
      position: 0,
    });
    expect(script.events).toEqual([]);
    expect(script.machine.counts).toMatchObject({ waiters: 0 });
  });

  test('leaves nothing behind when it is free', async () => {
    const script = await withLeases('1', '2');
    script.do(op.acquire('lock', '1'));
    script.do(op.acquire('lock', '2', { waitMs: 900 }));
    script.do(op.release('lock', '2'));
    script.do(op.release('lock', '1'));
    expect(script.machine.counts).toMatchObject({ locks: 0, holders: 0, waiters: 0 });
    expect(script.do(op.acquire('lock', '2', { mode: SEMAPHORE, permits: 3 }))).toMatchObject({
      outcome: GRANTED,
    });
  });

  test('released by who has no claim says so, and is no error', async () => {
    const script = await withLeases('1', '2');
    script.do(op.acquire('lock', '1'));
    for (const release of [op.release('lock', '2'), op.release('none', '1'), op.release('lock', '404')])
      expect(script.do(release)).toEqual({ released: false, token: 0 });
    expect(script.do(op.release('lock', '1', 2))).toEqual({ released: false, token: 0 });
    expect(script.events).toEqual([]);
  });
});

describe('a shared lock', () => {
  test('is held by many, and whoever comes behind an exclusive waiter waits', async () => {
    const script = await withLeases('1', '2', '3', '4', '5');
    const shared = { mode: SHARED };
    expect(script.do(op.acquire('lock', '1', shared))).toMatchObject({ outcome: GRANTED });
    expect(script.do(op.acquire('lock', '2', shared))).toMatchObject({ outcome: GRANTED });
    expect(script.do(op.acquire('lock', '3'))).toMatchObject({ outcome: QUEUED });
    expect(script.do(op.acquire('lock', '4', shared))).toMatchObject({ outcome: QUEUED, position: 1 });
    expect(script.do(op.acquire('lock', '5', shared))).toMatchObject({ outcome: QUEUED, position: 2 });
    script.do(op.release('lock', '1'));
    expect(happened(script)).toEqual(['released 1']);
    script.do(op.release('lock', '2'));
    expect(happened(script)).toEqual(['released 2', 'granted 3']);
    script.do(op.release('lock', '3'));
    expect(happened(script)).toEqual(['released 3', 'granted 4', 'granted 5']);
  });

  test('goes on when the exclusive waiter before it withdraws', async () => {
    const script = await withLeases('1', '2', '3');
    script.do(op.acquire('lock', '1', { mode: SHARED }));
    script.do(op.acquire('lock', '2'));
    script.do(op.acquire('lock', '3', { mode: SHARED }));
    script.do(op.release('lock', '2'));
    expect(happened(script)).toEqual(['released 2', 'granted 3']);
  });
});

describe('a semaphore', () => {
  test('is held by as many as it has permits', async () => {
    const script = await withLeases('1', '2', '3');
    const two = { mode: SEMAPHORE, permits: 2 };
    expect(script.do(op.acquire('lock', '1', two))).toMatchObject({ outcome: GRANTED });
    expect(script.do(op.acquire('lock', '2', two))).toMatchObject({ outcome: GRANTED });
    expect(script.do(op.acquire('lock', '3', two))).toMatchObject({ outcome: QUEUED });
    script.do(op.release('lock', '1'));
    expect(happened(script)).toEqual(['released 1', 'granted 3']);
  });

  test('in use takes no other kind of claim, and no other number of permits', async () => {
    const script = await withLeases('1', '2');
    script.do(op.acquire('semaphore', '1', { mode: SEMAPHORE, permits: 2 }));
    script.do(op.acquire('lock', '1', { mode: SHARED }));
    const mismatch = { error: 'LOCK_KIND_MISMATCH' };
    expect(script.do(op.acquire('semaphore', '2', { mode: SEMAPHORE, permits: 3 }))).toMatchObject(mismatch);
    expect(script.do(op.acquire('semaphore', '2', { mode: SHARED }))).toMatchObject(mismatch);
    expect(script.do(op.acquire('lock', '2', { mode: SEMAPHORE, permits: 1 }))).toMatchObject(mismatch);
    const other = { mode: SEMAPHORE, permits: 3 };
    expect(script.do(op.acquire('semaphore', '1', other))).toMatchObject({ error: 'CLAIM_MISMATCH' });
  });
});

describe('when a lease ends', () => {
  test('what it holds passes on and what it waits for is dropped', async () => {
    const script = await withLeases('1', '2', '3');
    for (const lease of ['1', '2', '3']) script.do(op.acquire('a', lease));
    script.do(op.acquire('b', '3'));
    script.do(op.acquire('b', '1'));
    script.do(op.acquire('b', '2'));
    script.do(op.revoke('1'));
    expect(happened(script)).toEqual(['leaseEnded 1', 'leaseEnded 1', 'granted 2']);
    expect(script.events.map(({ token }) => token)).toEqual([1, 0, 3]);
    expect(script.machine.lock('b')).toMatchObject({ holders: [{ lease: '3' }], waiters: [{ lease: '2' }] });
    expect(script.do(op.acquire('a', '1'))).toMatchObject({ error: 'LEASE_NOT_FOUND' });
  });

  test('without a release, the lock rests for the delay that its holder asked for; after a release it does not', async () => {
    const script = await withLeases('1', '2', '3');
    script.do(op.acquire('lock', '1', { lockDelayMs: 5000 }));
    script.do(op.release('lock', '1'));
    expect(script.do(op.acquire('lock', '2', { lockDelayMs: 5000 }))).toMatchObject({ outcome: GRANTED });
    script.do(op.revoke('2'));
    expect(script.machine.lock('lock')).toMatchObject({ mode: 0, holderCount: 0, delayRemainingMs: 5000 });
    expect(script.do(op.acquire('lock', '3', { waitMs: 0 }))).toMatchObject({ outcome: NOT_GRANTED });
    expect(script.do(op.acquire('lock', '3'))).toMatchObject({ outcome: QUEUED });
    script.elapse(5000);
    script.expireDue();
    expect(happened(script)).toEqual(['granted 3']);
    expect(script.machine.counts).toMatchObject({ delays: 0 });
  });

  test('the longest rest counts, and a waiter’s delay is none', async () => {
    const script = await withLeases('1', '2', '3', '4');
    script.do(op.acquire('lock', '1', { mode: SHARED, lockDelayMs: 5000 }));
    script.do(op.acquire('lock', '2', { mode: SHARED, lockDelayMs: 9000 }));
    script.do(op.acquire('lock', '3', { mode: SHARED, lockDelayMs: 7000 }));
    script.do(op.acquire('lock', '4', { lockDelayMs: 100_000 }));
    for (const lease of ['4', '1', '2', '3']) script.do(op.revoke(lease));
    expect(script.machine.lock('lock').delayRemainingMs).toBe(9000);
    expect(script.machine.counts).toMatchObject({ delays: 1, locks: 1 });
    script.elapse(9000);
    expect(script.expireDue()).toMatchObject({ delays: 1 });
    expect(script.machine.counts).toMatchObject({ delays: 0, locks: 0 });
  });
});

describe('when several leases expire at once', () => {
  test('all removals come before the first grant: a permit that comes free is not given before the lock rests', async () => {
    const script = await Script.start();
    for (const [lease, ttlMs] of [
      ['1', 2000],
      ['2', 2000],
      ['3', 9000],
    ] as const)
      script.do(op.grant(lease, ttlMs));
    const two = { mode: SEMAPHORE, permits: 2 };
    script.do(op.acquire('lock', '1', two));
    script.do(op.acquire('lock', '2', { ...two, lockDelayMs: 800 }));
    script.do(op.acquire('lock', '3', two));
    script.elapse(2000);
    script.expireDue();
    expect(happened(script)).toEqual(['leaseEnded 1', 'leaseEnded 2']);
    script.elapse(800);
    script.expireDue();
    expect(happened(script)).toEqual(['granted 3']);
  });

  test('what they held is granted in the order in which it came free', async () => {
    const script = await Script.start();
    script.do(op.grant('2', 2000));
    script.do(op.grant('1', 2000));
    script.do(op.grant('3', 9000));
    for (const [name, lease] of [
      ['c', '1'],
      ['a', '1'],
      ['b', '2'],
    ] as const)
      script.do(op.acquire(name, lease));
    for (const name of ['a', 'b', 'c']) script.do(op.acquire(name, '3'));
    script.elapse(2000);
    script.expireDue();
    expect(script.events.map(({ type, name, token }) => `${type} ${name} ${token}`)).toEqual([
      'leaseEnded c 1',
      'leaseEnded a 2',
      'leaseEnded b 3',
      'granted c 4',
      'granted a 5',
      'granted b 6',
    ]);
  });
});

describe('bounds', () => {
  test('of names, modes, permits, waits and delays', async () => {
    const script = await withLeases('1');
    const invalid = { error: 'INVALID_ARGUMENT' };
    expect(script.do(op.acquire('', '1'))).toMatchObject(invalid);
    expect(script.do(op.acquire('x'.repeat(1025), '1'))).toMatchObject(invalid);
    expect(script.do(op.acquire('ü'.repeat(513), '1'))).toMatchObject(invalid);
    expect(script.do(op.acquire('lock', '1', { mode: 4 as LockMode }))).toMatchObject(invalid);
    expect(script.do(op.acquire('lock', '1', { mode: SEMAPHORE }))).toMatchObject(invalid);
    expect(script.do(op.acquire('lock', '1', { mode: SEMAPHORE, permits: 1_000_001 }))).toMatchObject(
      invalid,
    );
    expect(script.do(op.acquire('lock', '1', { waitMs: -2 }))).toMatchObject(invalid);
    expect(script.do(op.acquire('lock', '1', { waitMs: Number.MAX_SAFE_INTEGER }))).toMatchObject(invalid);
    expect(script.do(op.acquire('lock', '1', { lockDelayMs: 600_001 }))).toMatchObject(invalid);
    expect(script.machine.counts).toMatchObject({ locks: 0 });
    for (const name of ['x'.repeat(1024), 'ü'.repeat(512), '\0', '😀'.repeat(256)])
      expect(script.do(op.acquire(name, '1', { lockDelayMs: 600_000 }))).toMatchObject({ outcome: GRANTED });
    expect(script.do(op.acquire('unsaid', '1', { mode: LockMode.UNSPECIFIED }))).toMatchObject({
      outcome: GRANTED,
    });
    expect(script.machine.lock('unsaid').mode).toBe(EXCLUSIVE);
  });

  test('of a queue: the 10,001st waiter is refused', async () => {
    const script = await withLeases('1', '2', '3');
    const acquire = (lease: string, claim: number, name = 'lock') => ({
      call: undefined,
      op: op.acquire(name, lease, { claim }),
    });
    script.batch([acquire('1', 0)]);
    script.batch(Array.from({ length: 5000 }, (_, claim) => acquire('2', claim)));
    script.batch(Array.from({ length: 5000 }, (_, claim) => acquire('3', claim)));
    expect(script.do(op.acquire('lock', '1', { claim: 9 }))).toMatchObject({ error: 'LOCK_QUEUE_FULL' });
    script.do(op.release('lock', '2', 17));
    expect(script.do(op.acquire('lock', '1', { claim: 9 }))).toMatchObject({
      outcome: QUEUED,
      position: 9999,
    });

    script.batch([acquire('1', 0, 'other')]);
    script.batch(Array.from({ length: 5001 }, (_, claim) => acquire('2', claim, 'other')));
    expect(script.machine.lock('other').waiterCount).toBe(5001);
    expect(script.do(op.acquire('other', '2', { claim: 6000 }))).toMatchObject({ error: 'LOCK_QUEUE_FULL' });
    script.do(op.revoke('2'));
    expect(script.machine.counts).toMatchObject({ locks: 2, waiters: 5001 });
  });
});

test('a lease holds 20,000 claims at most, and all end with it', async () => {
  const script = await withLeases('1');
  const commands = Array.from({ length: 20_001 }, (_, at) => ({
    call: undefined,
    op: op.acquire(`lock ${at}`, '1'),
  }));
  expect(outcomeOf(script.batch(commands).at(-1)!)).toEqual({
    error: 'LOCK_QUEUE_FULL',
    message:
      'No room for a claim on "lock 20000": lease 1 (its claims) is at the limit of 20000. Release or wait first.',
  });
  script.do(op.revoke('1'));
  expect(script.machine.counts).toMatchObject({ locks: 0, holders: 0 });
});

test('a crowded lock finds each claim by its lease and number, and forgets those that ended', async () => {
  const script = await withLeases('1', '2');
  for (let claim = 0; claim < 20; claim++) {
    script.do(op.acquire('lock', '1', { claim }));
    script.do(op.acquire('lock', '2', { claim }));
  }
  expect(script.do(op.acquire('lock', '2', { claim: 7 }))).toMatchObject({ outcome: QUEUED, position: 14 });
  expect(script.do(op.release('lock', '2', 7))).toEqual({ released: true, token: 0 });
  expect(script.do(op.release('lock', '2', 7))).toEqual({ released: false, token: 0 });
  expect(script.do(op.release('lock', '1', 0))).toEqual({ released: true, token: 1 });
  expect(script.do(op.acquire('lock', '2', { claim: 0 }))).toMatchObject({ outcome: GRANTED, token: 2 });
  expect(script.do(op.acquire('lock', '1', { claim: 0 }))).toMatchObject({ outcome: QUEUED, position: 37 });
});

test('fencing tokens come from one counter for all locks and elections', async () => {
  const script = await withLeases('1', '2');
  script.do(op.acquire('a', '1'));
  script.do(op.campaign('a', '1'));
  script.do(op.acquire('b', '2'));
  script.do(op.acquire('a', '2'));
  script.do(op.release('a', '1'));
  expect(script.machine.lock('a').holders[0]!.token).toBe(4);
  expect(script.machine.leader('a').leader!.token).toBe(2);
  expect(script.machine.newestToken).toBe(4);
});
