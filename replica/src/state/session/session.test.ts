import { expect, test } from '@jest/globals';
import type { Call } from '@aegis/proto/v1/session';
import { op, Script } from '../testing/script.js';

async function withSession(): Promise<{ script: Script; call: (sequence: number, lowest?: number) => Call }> {
  const script = await Script.start();
  script.do(op.grant('1', 60_000));
  script.do(op.grant('2', 60_000));
  const grantIndex = script.machine.lease('1')!.grantIndex;
  const call = (sequence: number, lowestUnanswered = 1): Call => ({
    lease: '1',
    grantIndex,
    sequence,
    lowestUnanswered,
  });
  return { script, call };
}

test('a call that comes twice is made once, and gets the same answer', async () => {
  const { script, call } = await withSession();
  const first = script.do(op.acquire('lock', '1'), call(1));
  expect(first).toMatchObject({ outcome: 1, token: 1 });
  script.do(op.release('lock', '1'), call(2));
  script.do(op.acquire('lock', '2'));
  expect(script.do(op.acquire('lock', '1'), call(1))).toEqual(first);
  expect(script.events).toEqual([]);
  expect(script.machine.lock('lock').holders).toMatchObject([{ lease: '2' }]);
});

test('an error is an answer too', async () => {
  const { script, call } = await withSession();
  expect(script.do(op.revoke('404'), call(1))).toMatchObject({ error: 'LEASE_NOT_FOUND' });
  script.do(op.grant('404'));
  expect(script.do(op.revoke('404'), call(1))).toMatchObject({ error: 'LEASE_NOT_FOUND' });
  expect(script.machine.lease('404')).toBeDefined();
});

test('calls may come in any order, and each is made', async () => {
  const { script, call } = await withSession();
  for (const sequence of [3, 1, 2])
    expect(script.do(op.acquire(`lock ${sequence}`, '1'), call(sequence))).toMatchObject({ outcome: 1 });
  expect(script.machine.counts).toMatchObject({ locks: 3, sessionResults: 3 });
});

test('results below the lowest unanswered call are forgotten, and those calls never made again', async () => {
  const { script, call } = await withSession();
  for (const sequence of [1, 2, 3]) script.do(op.acquire(`lock ${sequence}`, '1'), call(sequence));
  script.do(op.release('lock 1', '1'), call(4, 3));
  expect(script.machine.counts.sessionResults).toBe(2);
  expect(script.do(op.acquire('lock 1', '1'), call(1))).toMatchObject({ error: 'SESSION_EXPIRED' });
  expect(script.do(op.acquire('lock 2', '1'), call(2))).toMatchObject({ error: 'SESSION_EXPIRED' });
  expect(script.do(op.acquire('lock 3', '1'), call(3))).toMatchObject({ outcome: 1, token: 3 });
  expect(script.machine.lock('lock 1').holderCount).toBe(0);
});

test('the floor only rises', async () => {
  const { script, call } = await withSession();
  script.do(op.acquire('lock', '1'), call(10, 10));
  script.do(op.acquire('lock', '1'), call(11, 2));
  expect(script.do(op.acquire('other', '1'), call(9, 2))).toMatchObject({ error: 'SESSION_EXPIRED' });
  expect(script.do(op.acquire('other', '1'), call(12, 13))).toMatchObject({ error: 'SESSION_EXPIRED' });
  expect(script.machine.counts.locks).toBe(1);
});

test('a call of an ended session is never made, and the answer is indefinite', async () => {
  const { script, call } = await withSession();
  const old = call(1);
  script.do(op.acquire('lock', '2'), old);
  script.do(op.revoke('1'));
  expect(script.machine.counts.sessionResults).toBe(0);
  for (const again of [old, call(2)])
    expect(script.do(op.release('lock', '2'), again)).toMatchObject({ error: 'SESSION_EXPIRED' });
  script.do(op.grant('1', 60_000));
  const [result] = script.batch([{ call: old, op: op.release('lock', '2') }]);
  expect(result).toMatchObject({ result: { value: { definite: false, retryable: false } } });
  expect(script.machine.lock('lock').holderCount).toBe(1);
});

test('a session holds 4,096 results at most', async () => {
  const { script, call } = await withSession();
  expect(script.do(op.acquire('lock', '1'), call(4097, 1))).toMatchObject({ error: 'SESSION_WINDOW' });
  expect(script.do(op.acquire('lock', '1'), call(4096, 1))).toMatchObject({ outcome: 1 });
  expect(script.do(op.acquire('lock', '1'), call(4097, 2))).toMatchObject({ outcome: 1 });
  script.batch(Array.from({ length: 4000 }, (_, at) => ({ call: call(at + 2, 2), op: op.revoke('404') })));
  expect(script.machine.counts.sessionResults).toBe(4002);
  script.do(op.revoke('404'), call(1_000_000_000, 1_000_000_000));
  expect(script.machine.counts.sessionResults).toBe(1);
  expect(script.do(op.revoke('404'), call(0, 0))).toMatchObject({ error: 'INVALID_ARGUMENT' });
});

test('a command that ends its own session is answered, and leaves nothing behind', async () => {
  const { script, call } = await withSession();
  script.do(op.acquire('lock', '1'), call(1));
  expect(script.do(op.revoke('1'), call(2))).toEqual({});
  expect(script.do(op.revoke('1'), call(2))).toMatchObject({ error: 'SESSION_EXPIRED' });
  expect(script.machine.counts).toMatchObject({ leases: 1, locks: 0, sessionResults: 0 });
});
