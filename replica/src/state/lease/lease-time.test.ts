import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { STEP_MS } from '../clock.js';
import { op, Script } from '../testing/script.js';

describe('lease time, rule 1: differences of stamps within a term, each between 0 and STEP', () => {
  test('the first stamp of a term moves nothing, whatever it is', async () => {
    const script = await Script.start();
    script.do(op.advance());
    expect(script.machine.leaseClockMs).toBe(0);
    for (const stampMs of [9_000_000_000, 5, 1_000_000]) {
      script.changeLeader();
      script.stampMs = stampMs;
      script.do(op.advance());
      expect(script.machine.leaseClockMs).toBe(0);
    }
  });

  test('later ones move it by their difference', async () => {
    const script = await Script.start();
    script.do(op.advance());
    for (const [ms, expected] of [
      [1, 1],
      [0, 1],
      [STEP_MS, 2001],
    ] as const) {
      script.stampMs += ms;
      script.do(op.advance());
      expect(script.machine.leaseClockMs).toBe(expected);
    }
  });

  test('never by more than STEP, and what is cut off is not caught up', async () => {
    const script = await Script.start();
    script.do(op.advance());
    script.stampMs += 60_000;
    script.do(op.advance());
    expect(script.machine.leaseClockMs).toBe(STEP_MS);
    script.stampMs += 10;
    script.do(op.advance());
    expect(script.machine.leaseClockMs).toBe(STEP_MS + 10);
  });

  test('never backwards', async () => {
    const script = await Script.start();
    script.do(op.advance());
    script.stampMs -= 500;
    script.do(op.advance());
    expect(script.machine.leaseClockMs).toBe(0);
  });

  test('every stamped batch counts, whatever its commands come to; an entry without a batch has no stamp', async () => {
    const script = await Script.start();
    script.do(op.advance());
    script.stampMs += 100;
    script.batch([]);
    expect(script.machine.leaseClockMs).toBe(100);
    script.stampMs += 100;
    script.do(op.revoke('404'));
    expect(script.machine.leaseClockMs).toBe(200);
    script.changeLeader();
    expect(script.machine.leaseClockMs).toBe(200);
  });
});

test('lease time, rule 2: nothing but stamps moves it: an outage between two leaders credits itself', async () => {
  const script = await Script.start();
  script.do(op.grant('1', 5000));
  script.elapse(4999);
  script.changeLeader();
  script.stampMs += 3_600_000;
  script.do(op.advance());
  expect(script.expireDue()).toMatchObject({ leases: 0 });
  expect(script.machine.lease('1')).toMatchObject({ remainingMs: 1 });
  script.elapse(1);
  expect(script.expireDue()).toMatchObject({ leases: 1 });
});

describe('lease time, rule 3: a lease lives until an applied command removes it', () => {
  test('grant and keepalive set deadline = L + TTL', async () => {
    const script = await Script.start();
    script.elapse(1000);
    script.stampMs += 100;
    script.do(op.grant('1', 5000));
    expect(script.machine.lease('1')).toMatchObject({ ttlMs: 5000, remainingMs: 5000, grantIndex: 2 });
    script.stampMs += 700;
    expect(script.do(op.keepAlive('1', '2'))).toEqual({ ttlMs: [5000, 0] });
    expect(script.machine.lease('1')).toMatchObject({ remainingMs: 5000 });
    expect(script.machine.nextDeadlineMs()).toBe(script.machine.leaseClockMs + 5000);
  });

  test('being due ends nothing; a keepalive that is ordered earlier than the expiry wins', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 2000));
    script.do(op.acquire('lock', '1'));
    script.elapse(60_000);
    expect(script.machine.lease('1')).toMatchObject({ remainingMs: -58_000 });
    expect(script.do(op.acquire('another', '1'))).toMatchObject({ outcome: 1 });
    const upToMs = script.machine.leaseClockMs;
    expect(script.machine.dueCount(upToMs)).toBe(1);
    expect(script.do(op.keepAlive('1'))).toEqual({ ttlMs: [2000] });
    expect(script.do(op.expire(upToMs))).toEqual({ leases: 0, waits: 0, delays: 0, more: false });
    expect(script.machine.lock('lock').holderCount).toBe(1);
  });

  test('a keepalive that is ordered later finds nothing', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 2000));
    script.elapse(2000);
    expect(script.expireDue()).toMatchObject({ leases: 1 });
    expect(script.do(op.keepAlive('1'))).toEqual({ ttlMs: [0] });
  });
});

describe('lease time, rule 4: only Expire expires', () => {
  test('it takes all that is due at upTo, and not one more', async () => {
    const script = await Script.start();
    for (const [lease, ttlMs] of [
      ['1', 2000],
      ['2', 2001],
      ['3', 3000],
    ] as const)
      script.do(op.grant(lease, ttlMs));
    script.elapse(2500);
    expect(script.do(op.expire(2000))).toEqual({ leases: 1, waits: 0, delays: 0, more: false });
    expect(script.machine.lease('1')).toBeUndefined();
    expect(script.do(op.expire(2500))).toMatchObject({ leases: 1 });
    expect(script.machine.lease('2')).toBeUndefined();
    expect(script.machine.lease('3')).toBeDefined();
  });

  test('upTo is at most L, whoever asks', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 2000));
    script.elapse(1999);
    expect(script.do(op.expire(2000))).toMatchObject({ error: 'INVALID_ARGUMENT' });
    expect(script.machine.lease('1')).toBeDefined();
    expect(script.do(op.expire(1999, 0))).toMatchObject({ error: 'INVALID_ARGUMENT' });
  });

  test('the order is (deadline, id), the number of the id and not its digits, and the limit is the command’s', async () => {
    const script = await Script.start();
    const ids = ['10', '9', '18446744073709551615', '4294967296', '4294967295'];
    script.do(op.grant('7', 3000));
    for (const id of ids) {
      script.do(op.grant(id, 2000));
      script.do(op.acquire(`of ${id}`, id));
    }
    script.elapse(3000);
    const order: string[] = [];
    for (;;) {
      const { more } = script.do(op.expire(3000, 1)) as { more: boolean };
      order.push(...script.events.map(({ lease }) => lease));
      if (!more) break;
    }
    expect(order).toEqual(['9', '10', '4294967295', '4294967296', '18446744073709551615']);
    expect(script.machine.counts).toMatchObject({ leases: 0, locks: 0 });
  });

  test('removals precede grants: a waiter that is due under the same upTo gets nothing', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 2000));
    script.do(op.grant('2', 2000));
    script.do(op.grant('3', 9000));
    for (const lease of ['1', '2', '3']) script.do(op.acquire('lock', lease));
    script.elapse(2000);
    expect(script.expireDue()).toMatchObject({ leases: 2 });
    expect(script.events.map(({ type, lease }) => `${type} ${lease}`)).toEqual([
      'leaseEnded 1',
      'leaseEnded 2',
      'granted 3',
    ]);
  });

  describe('a waiter that is due, but left over by the limit, is not granted and keeps its place', () => {
    const leftOver = async (): Promise<Script> => {
      const script = await Script.start();
      script.do(op.grant('1', 2000));
      script.do(op.grant('2', 2000));
      script.do(op.grant('3', 9000));
      for (const lease of ['1', '2', '3']) script.do(op.acquire('lock', lease));
      script.elapse(2000);
      expect(script.expireDue(1)).toMatchObject({ leases: 1, more: true });
      expect(script.machine.lock('lock')).toMatchObject({
        holders: [],
        waiters: [{ lease: '2' }, { lease: '3' }],
      });
      return script;
    };

    test('its keepalive runs the queue', async () => {
      const script = await leftOver();
      script.do(op.keepAlive('2'));
      expect(script.machine.lock('lock')).toMatchObject({
        holders: [{ lease: '2' }],
        waiters: [{ lease: '3' }],
      });
    });

    test('its removal runs the queue', async () => {
      const script = await leftOver();
      expect(script.expireDue(1)).toMatchObject({ leases: 1, more: false });
      expect(script.machine.lock('lock')).toMatchObject({ holders: [{ lease: '3' }], waiters: [] });
    });

    test('its revocation or withdrawal runs the queue', async () => {
      const revoked = await leftOver();
      revoked.do(op.revoke('2'));
      expect(revoked.machine.lock('lock')).toMatchObject({ holders: [{ lease: '3' }] });
      const withdrawn = await leftOver();
      withdrawn.do(op.release('lock', '2'));
      expect(withdrawn.machine.lock('lock')).toMatchObject({ holders: [{ lease: '3' }] });
    });

    test('an Expire for an earlier moment does not lift it', async () => {
      const script = await leftOver();
      script.do(op.expire(1000));
      script.do(op.release('lock', '3'));
      expect(script.machine.lock('lock')).toMatchObject({ holders: [], waiters: [{ lease: '2' }] });
      expect(script.do(op.acquire('other', '2', { waitMs: 0 }))).toMatchObject({ outcome: 3 });
    });

    test('nothing else of that lease is granted meanwhile either', async () => {
      const script = await leftOver();
      expect(script.do(op.acquire('other', '2', { waitMs: 0 }))).toMatchObject({ outcome: 3 });
      expect(script.do(op.acquire('other', '2'))).toMatchObject({ outcome: 2 });
      script.do(op.keepAlive('2'));
      expect(script.machine.lock('other')).toMatchObject({ holders: [{ lease: '2' }] });
    });
  });

  test('waits end by it, and the queue goes on', async () => {
    const script = await Script.start();
    for (const lease of ['1', '2', '3']) script.do(op.grant(lease));
    script.do(op.acquire('lock', '1', { mode: 2 }));
    script.do(op.acquire('lock', '2', { mode: 1, waitMs: 500 }));
    script.do(op.acquire('lock', '3', { mode: 2 }));
    script.elapse(499);
    expect(script.expireDue()).toMatchObject({ waits: 0 });
    script.elapse(5);
    expect(script.machine.lock('lock').waiterCount).toBe(2);
    expect(script.expireDue()).toEqual({ leases: 0, waits: 1, delays: 0, more: false });
    expect(script.events.map(({ type, lease }) => `${type} ${lease}`)).toEqual(['waitEnded 2', 'granted 3']);
  });

  test('lock-delays end by it, and the queue goes on', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 2000));
    script.do(op.grant('2'));
    script.do(op.acquire('lock', '1', { lockDelayMs: 700 }));
    script.do(op.acquire('lock', '2'));
    script.elapse(2100);
    script.expireDue();
    expect(script.machine.lock('lock')).toMatchObject({ holders: [], delayRemainingMs: 700 });
    script.elapse(800);
    expect(script.machine.lock('lock')).toMatchObject({ holders: [], delayRemainingMs: 0 });
    expect(script.expireDue()).toEqual({ leases: 0, waits: 0, delays: 1, more: false });
    expect(script.machine.lock('lock')).toMatchObject({ holders: [{ lease: '2' }] });
  });
});

test('lease time, rule 6: a lease never expires before the stamps of its time add up to its TTL', async () => {
  const step = fc.record({ passMs: fc.integer({ min: -50, max: 4000 }), newLeader: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const script = await Script.start();
      script.do(op.grant('1', 5000));
      let passedMs = 0;
      for (const { passMs, newLeader } of steps) {
        if (newLeader) script.changeLeader();
        else passedMs += Math.max(0, passMs);
        script.stampMs += passMs;
        script.do(op.advance());
        script.expireDue();
        if (script.machine.lease('1') === undefined) expect(passedMs).toBeGreaterThanOrEqual(5000);
      }
    }),
  );
});
