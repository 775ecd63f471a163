import { describe, expect, test } from '@jest/globals';
import { inside, kvOp } from './kv/testing/kv-script.js';
import { STATE_LIMITS } from './limits.js';
import { StateMachine } from './machine.js';
import { MemoryStorage } from './storage/memory.js';
import { op, Script } from './testing/script.js';

const started = (limits: Partial<typeof STATE_LIMITS>) =>
  Script.start(new MemoryStorage(), { limits: { ...STATE_LIMITS, ...limits } });

test('leases are bounded: the last one fits, one more does not, and one that ends makes room', async () => {
  const script = await started({ leases: 3 });
  for (const id of ['1', '2', '3']) expect(script.do(op.grant(id))).toMatchObject({ lease: id });
  expect(script.do(op.grant('4'))).toEqual({
    error: 'OVERLOADED',
    message: 'The number of leases is at its limit of 3. Try again later, with a pause that grows.',
  });
  expect(script.do(op.grant('3'))).toMatchObject({ error: 'LEASE_EXISTS' });
  script.do(op.revoke('1'));
  expect(script.do(op.grant('4'))).toMatchObject({ lease: '4' });
});

test('waiters of all locks together are bounded, holders are not held up by it', async () => {
  const script = await started({ waiters: 2 });
  script.do(op.grant('1'));
  for (const lock of ['a', 'b', 'c']) script.do(op.acquire(lock, '1'));
  expect(script.do(op.acquire('a', '1', { claim: 2 }))).toMatchObject({ position: 0 });
  expect(script.do(op.acquire('b', '1', { claim: 2 }))).toMatchObject({ position: 0 });
  expect(script.do(op.acquire('c', '1', { claim: 2 }))).toMatchObject({
    error: 'LOCK_QUEUE_FULL',
    message: expect.stringContaining('the cluster (all waiting claims) is at the limit of 2'),
  });
  expect(script.do(op.acquire('d', '1'))).toMatchObject({ token: 4 });
  script.do(op.release('a', '1', 2));
  expect(script.do(op.acquire('c', '1', { claim: 2 }))).toMatchObject({ position: 0 });
});

test('claims are bounded together; asking for one that stands is none', async () => {
  const script = await started({ claims: 2 });
  script.do(op.grant('1'));
  script.do(op.acquire('a', '1'));
  script.do(op.acquire('a', '1', { claim: 2 }));
  expect(script.do(op.acquire('b', '1'))).toMatchObject({ error: 'LOCK_QUEUE_FULL' });
  expect(script.do(op.acquire('a', '1'))).toMatchObject({ token: 1 });
});

describe('results of sequenced calls', () => {
  async function withKey(limits: Partial<typeof STATE_LIMITS>) {
    const script = await started(limits);
    for (const id of ['1', '2']) script.do(op.grant(id));
    script.do(kvOp.put('k', 'x'.repeat(1000)));
    const read = (lease: string, sequence: number, lowestUnanswered = 1) =>
      script.do(kvOp.txn([], [inside.range('k')]), {
        lease,
        grantIndex: script.machine.lease(lease)!.grantIndex,
        sequence,
        lowestUnanswered,
      });
    return { script, read };
  }

  test('a session that leaves too many bytes unacknowledged is refused, until it acknowledges', async () => {
    const { script, read } = await withKey({ sessionResultBytes: 2000 });
    expect(read('1', 1)).toMatchObject({ succeeded: true });
    expect(read('1', 2)).toMatchObject({ succeeded: true });
    expect(read('1', 3)).toMatchObject({
      error: 'SESSION_RESULTS',
      message: expect.stringMatching(
        /^Session 1 has left results of \d+ bytes unacknowledged, and 2000 are kept/,
      ),
    });
    // An answer that is known is given all the same, and other sessions go on.
    expect(read('1', 2)).toMatchObject({ succeeded: true });
    expect(read('2', 1)).toMatchObject({ succeeded: true });
    expect(read('1', 3, 2)).toMatchObject({ succeeded: true });
    expect(script.machine.counts.sessionResults).toBe(3);
  });

  test('all sessions together are bounded, and a restart counts the same', async () => {
    const storage = new MemoryStorage();
    const limits = { ...STATE_LIMITS, resultBytes: 100 };
    const script = await Script.start(storage, { limits });
    for (const id of ['1', '2']) script.do(op.grant(id));
    const call = (lease: string, sequence: number, lowestUnanswered = 1) => ({
      lease,
      grantIndex: script.machine.lease(lease)!.grantIndex,
      sequence,
      lowestUnanswered,
    });
    for (let sequence = 1; script.machine.counts.resultBytes < 100; sequence++)
      script.do(op.advance(), call('1', sequence));
    const { sessionResults, resultBytes } = script.machine.counts;
    expect(script.do(op.advance(), call('2', 1))).toMatchObject({ error: 'OVERLOADED' });
    await script.machine.sync();
    const again = await StateMachine.open(storage, { limits });
    expect(again.counts).toMatchObject({ sessionResults, resultBytes });
    expect(script.do(op.advance(), call('1', sessionResults + 1, 2))).toEqual({});
    script.do(op.revoke('1'));
    expect(script.machine.counts.resultBytes).toBe(0);
    expect(script.do(op.advance(), call('2', 1))).toEqual({});
  });
});
