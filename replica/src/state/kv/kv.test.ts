import { describe, expect, test } from '@jest/globals';
import { Batch } from '@aegis/proto/replica/command';
import { StateMachine } from '../machine.js';
import { MemoryStorage } from '../storage/memory.js';
import { entryOf, op, Script } from '../testing/script.js';
import { keyRangeOf } from './key-range.js';
import { compareOf, eventsOf, inside, kvOp, plain, rangeRequest } from './testing/kv-script.js';
import { TXN_DEPTH_MAX, TXN_OPERATIONS_MAX } from './txn-check.js';

const ALL = rangeRequest('\0', '\0');
const many = (count: number) => Array.from({ length: count }, (_, at) => inside.put(`${at}`, 'x'));

function keysIn({ machine }: Script): string[] {
  const answer = machine.kvRange(ALL);
  if ('error' in answer) throw new Error(answer.error.message);
  return answer.kvs.map(({ key, value }) => `${key.toString()}=${value.toString()}`);
}

describe('a key', () => {
  test('has the revisions that etcd gives it: an empty store has 1', async () => {
    const script = await Script.start();
    expect(script.machine.kv.revision).toBe(1);
    expect(script.do(kvOp.put('a', '1'))).toMatchObject({ revision: 2 });
    expect(script.do(kvOp.put('a', '2', { prevKv: true }))).toMatchObject({
      revision: 3,
      prevKv: { createRevision: 2, modRevision: 2, version: 1 },
    });
    expect(script.do(kvOp.delete('a', '', true))).toMatchObject({ revision: 4, deleted: 1 });
    expect(script.do(kvOp.delete('a'))).toMatchObject({ revision: 4, deleted: 0 });
    expect(script.do(kvOp.put('a', '3'))).toMatchObject({ revision: 5 });
    expect(plain(script.machine.kvRange(rangeRequest('a')))).toMatchObject({
      revision: 5,
      count: 1,
      kvs: [{ key: 'a', createRevision: 5, modRevision: 5, version: 1, value: '3', lease: '0' }],
    });
    expect(plain(script.machine.kvRange(rangeRequest('a', '', { revision: 3 })))).toMatchObject({
      revision: 5,
      kvs: [{ createRevision: 2, modRevision: 3, version: 2, value: '2' }],
    });
  });

  test('of any bytes is found, in the order of bytes', async () => {
    const script = await Script.start();
    for (const key of ['\xff', 'é', '\0', 'a', '\x80', 'a\0']) script.do(kvOp.put(key, ''));
    const { kvs } = plain(script.machine.kvRange(ALL)) as { kvs: { key: string }[] };
    expect(kvs.map(({ key }) => key)).toEqual(['\0', 'a', 'a\0', '\x80', 'é', '\xff']);
  });
});

describe('a transaction', () => {
  test('is one revision, and its reads see what it did before them', async () => {
    const script = await Script.start();
    const outcome = script.do(
      kvOp.txn([], [inside.range('a'), inside.put('a', '1'), inside.range('a'), inside.put('b', '2')]),
    );
    expect(plain(outcome)).toMatchObject({
      revision: 2,
      succeeded: true,
      responses: [
        { revision: 1, count: 0 },
        { revision: 2 },
        { revision: 2, kvs: [{ value: '1' }] },
        { revision: 2 },
      ],
    });
    expect(script.changes.map(({ main, sub }) => [main, sub])).toEqual([
      [2, 0],
      [2, 1],
    ]);
  });

  test('makes the comparisons of those inside it on the store as it was', async () => {
    const script = await Script.start();
    const unborn = compareOf('a', { $case: 'createRevision', value: 0 });
    script.do(
      kvOp.txn(
        [],
        [inside.put('a', '1'), inside.txn([unborn], [inside.put('b', 'then')], [inside.put('b', 'else')])],
      ),
    );
    expect(keysIn(script)).toEqual(['a=1', 'b=then']);
  });

  test('that only reads has no revision', async () => {
    const script = await Script.start();
    expect(script.do(kvOp.txn([], [inside.range('a')]))).toMatchObject({ revision: 1 });
    expect(script.machine.kv.revision).toBe(1);
  });

  test('with one impossible step does nothing at all', async () => {
    const script = await Script.start();
    script.do(kvOp.put('a', '1'));
    for (const [step, error] of [
      [inside.put('b', '', { lease: '77' }), 'LEASE_NOT_FOUND'],
      [inside.put('b', '', { ignoreValue: true }), 'KEY_NOT_FOUND'],
      [inside.range('a', '', { revision: 3 }), 'FUTURE_REVISION'],
      [inside.txn([], [inside.put('b', '', { ignoreLease: true })]), 'KEY_NOT_FOUND'],
    ] as const)
      expect(script.do(kvOp.txn([], [inside.put('a', '2'), step]))).toMatchObject({ error });
    expect(keysIn(script)).toEqual(['a=1']);
    expect(script.machine.kv.revision).toBe(2);
  });
});

describe('bad input', () => {
  const wrong: [string, Parameters<Script['do']>[0], string][] = [
    ['an empty key to put', kvOp.put('', 'x'), 'INVALID_ARGUMENT'],
    ['an empty key to delete', kvOp.delete('', '\0'), 'INVALID_ARGUMENT'],
    ['an empty key in a transaction', kvOp.txn([], [inside.range('')]), 'INVALID_ARGUMENT'],
    ['an empty key to compare', kvOp.txn([compareOf('', undefined)]), 'INVALID_ARGUMENT'],
    ['an operation without content', kvOp.txn([], [{ request: undefined }]), 'INVALID_ARGUMENT'],
    ['an unknown order', kvOp.txn([], [inside.range('a', '', { sortOrder: 9 as 0 })]), 'INVALID_ARGUMENT'],
    ['a value that is to be ignored', kvOp.put('a', 'x', { ignoreValue: true }), 'INVALID_ARGUMENT'],
    [
      'a lease that is to be ignored',
      kvOp.put('a', '', { lease: '5', ignoreLease: true }),
      'INVALID_ARGUMENT',
    ],
    ['the value of no key', kvOp.put('nope', '', { ignoreValue: true }), 'KEY_NOT_FOUND'],
    ['an unknown lease', kvOp.put('a', '', { lease: '5' }), 'LEASE_NOT_FOUND'],
    ['too many operations', kvOp.txn([], many(TXN_OPERATIONS_MAX + 1)), 'TOO_MANY_OPERATIONS'],
    [
      'too many comparisons',
      kvOp.txn(Array.from({ length: 129 }, () => compareOf('a', undefined))),
      'TOO_MANY_OPERATIONS',
    ],
    ['too many in all levels', kvOp.txn([], [...many(100), inside.txn([], many(28))]), 'TOO_MANY_OPERATIONS'],
    ['a key put twice', kvOp.txn([], [inside.put('a', '1'), inside.put('a', '2')]), 'DUPLICATE_KEY'],
    [
      'a key put and deleted',
      kvOp.txn([], [], [inside.put('b', '1'), inside.delete('a', 'c')]),
      'DUPLICATE_KEY',
    ],
    [
      'a key put inside and deleted',
      kvOp.txn([], [inside.txn([], [], [inside.put('b', '1')]), inside.delete('a', '\0')]),
      'DUPLICATE_KEY',
    ],
    ['a future revision to compact', kvOp.compact(4), 'FUTURE_REVISION'],
    ['a compacted revision to compact', kvOp.compact(2), 'COMPACTED'],
    ['a compacted revision to read', kvOp.txn([], [inside.range('a', '', { revision: 1 })]), 'COMPACTED'],
  ];
  test.each(wrong)('%s is refused and changes nothing', async (_name, bad, error) => {
    const script = await Script.start();
    script.do(kvOp.put('a', '1'));
    script.do(kvOp.put('a', '2'));
    script.do(kvOp.compact(2));
    const { kv } = script.machine;
    expect(script.do(bad)).toMatchObject({ error });
    expect(script.changes).toEqual([]);
    expect(script.machine.kv).toEqual(kv);
  });

  test('as many operations as are allowed are done, and the ways of a transaction exclude each other', async () => {
    const script = await Script.start();
    expect(script.do(kvOp.txn([], many(TXN_OPERATIONS_MAX)))).toMatchObject({ succeeded: true });
    const either = inside.txn([], [inside.put('x', '1')], [inside.put('x', '2')]);
    expect(script.do(kvOp.txn([], [either], [inside.put('x', '3')]))).toMatchObject({ succeeded: true });
  });

  test('transactions go 32 deep, and their results are read back', async () => {
    const storage = new MemoryStorage();
    const script = await Script.start(storage);
    const nest = (depth: number) => {
      let nested = inside.txn([], [inside.put('deep', 'x')]);
      for (let level = 2; level < depth; level++) nested = inside.txn([], [nested]);
      return kvOp.txn([], [nested]);
    };
    expect(script.do(nest(TXN_DEPTH_MAX + 1))).toMatchObject({ error: 'INVALID_ARGUMENT' });
    script.do(op.grant('1'));
    const call = { lease: '1', grantIndex: 2, sequence: 1, lowestUnanswered: 1 };
    const made = script.do(nest(TXN_DEPTH_MAX), call);
    expect(made).toMatchObject({ succeeded: true });
    await script.machine.flush();
    const again = await StateMachine.open(storage);
    const { result } = again.apply(entryOf(1, 4, 1, [{ call, op: nest(TXN_DEPTH_MAX) }])).results[0]!;
    expect({ ...result!.value }).toEqual(made);
  });

  test('what reads more than 4 MiB is refused, and in pages it is not', async () => {
    const script = await Script.start();
    for (const key of ['a', 'b', 'c', 'd', 'e']) script.do(kvOp.put(key, 'x'.repeat(1_000_000)));
    const { machine } = script;
    const refused = { error: 'RANGE_TOO_LARGE' };
    expect(plain(machine.kvRange(ALL))).toEqual(refused);
    expect(script.do(kvOp.txn([], [inside.put('f', ''), inside.range('\0', '\0')]))).toMatchObject(refused);
    expect(script.do(kvOp.delete('\0', '\0', true))).toMatchObject(refused);
    expect(machine.kv.revision).toBe(6);
    expect(machine.kvRange({ ...ALL, limit: 4 })).toMatchObject({ more: true, count: 5 });
    expect(machine.kvRange({ ...ALL, countOnly: true })).toMatchObject({ count: 5 });
    expect(script.do(kvOp.delete('\0', '\0'))).toMatchObject({ deleted: 5 });
  });

  test('reads of future and compacted revisions are refused', async () => {
    const script = await Script.start();
    for (const value of ['1', '2', '3']) script.do(kvOp.put('a', value));
    script.do(kvOp.compact(3));
    const { machine } = script;
    const read = (revision: number) => plain(machine.kvRange(rangeRequest('a', '', { revision })));
    expect(read(2)).toEqual({ error: 'COMPACTED' });
    expect(read(5)).toEqual({ error: 'FUTURE_REVISION' });
    expect(read(3)).toMatchObject({ kvs: [{ value: '2' }] });
    expect(plain(machine.kvRange(rangeRequest('')))).toEqual({ error: 'INVALID_ARGUMENT' });
    expect(machine.kvChangesSince(2, keyRangeOf(ALL.key, ALL.rangeEnd), 10)).toEqual({
      compactedRevision: 3,
    });
  });
});

describe('a lease that ends', () => {
  test('takes its keys with it, in one revision, in their order', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 3000));
    script.do(op.grant('2', 3000));
    for (const key of ['c', 'a', 'b']) script.do(kvOp.put(key, '', { lease: '1' }));
    script.do(kvOp.put('d', '', { lease: '2' }));
    script.do(kvOp.put('b', 'kept'));
    script.do(kvOp.put('d', 'x', { ignoreLease: true }));
    expect(plain(script.machine.lease('1'))).toMatchObject({ keys: ['a', 'c'], keyCount: 2 });
    script.do(op.revoke('1'));
    expect(script.changes.map(({ main, sub, key, deleted }) => [main, sub, key, deleted])).toEqual([
      [8, 0, 'a', true],
      [8, 1, 'c', true],
    ]);
    expect(keysIn(script)).toEqual(['b=kept', 'd=x']);
    script.elapse(3000);
    script.expireDue();
    expect(keysIn(script)).toEqual(['b=kept']);
    expect(script.machine.kv.revision).toBe(9);
  });
});

describe('the quota', () => {
  test('refuses growth, while deletes and compaction go on and make room', async () => {
    const script = await Script.start();
    script.do(kvOp.put('a', 'x'.repeat(100)));
    const { bytes } = script.machine.kv;
    script.do(kvOp.quota(bytes + 100));
    expect(script.do(kvOp.put('b', 'x'.repeat(100)))).toMatchObject({ error: 'QUOTA_EXCEEDED' });
    const dear = [inside.put('b', 'x'.repeat(100))];
    expect(script.do(kvOp.txn([], [], dear))).toMatchObject({ error: 'QUOTA_EXCEEDED' });
    expect(script.do(kvOp.delete('a'))).toMatchObject({ deleted: 1 });
    expect(script.do(kvOp.compact(3))).toMatchObject({ revision: 3 });
    expect(script.machine.kv.bytes).toBeLessThan(bytes);
    expect(script.do(kvOp.put('b', 'x'.repeat(100)))).toMatchObject({ revision: 4 });
  });

  test('of a full disk lets nothing grow at all', async () => {
    const script = await Script.start();
    script.do(kvOp.put('a', '1'));
    script.do(op.noSpace(true));
    expect(script.do(kvOp.put('a', ''))).toMatchObject({ error: 'NO_SPACE' });
    expect(script.do(kvOp.txn([], [inside.delete('a')]))).toMatchObject({ succeeded: true });
    script.do(op.noSpace(false));
    expect(script.do(kvOp.put('a', ''))).toMatchObject({ revision: 4 });
  });
});

describe('a compaction', () => {
  test('keeps a delete at its own revision for those who watch from it, and drops it with the next', async () => {
    const script = await Script.start();
    script.do(kvOp.put('a', '1'));
    script.do(kvOp.delete('a'));
    script.do(kvOp.compact(3));
    const since = script.machine.kvChangesSince(3, keyRangeOf(ALL.key, ALL.rangeEnd), 10);
    if (!('changes' in since)) throw new Error('compacted');
    expect(eventsOf(script.machine, since.changes)).toMatchObject([
      { type: 1, kv: { key: 'a', modRevision: 3 } },
    ]);
    script.do(kvOp.put('b', ''));
    script.do(kvOp.compact(4));
    expect(script.machine.kv.bytes).toBe(13 + 29 + 1);
  });

  test('removes a bounded number of revisions with each entry', async () => {
    const script = await Script.start();
    for (let round = 0; round < 10; round++) script.do(kvOp.txn([], many(100)));
    const { bytes } = script.machine.kv;
    script.do(kvOp.compact(11));
    const after = script.machine.kv.bytes;
    expect(after).toBeLessThan(bytes);
    expect(after).toBeGreaterThan(bytes * 0.6);
    for (let entry = 0; entry < 4; entry++) script.do(op.advance());
    expect(script.machine.kv.bytes).toBe(bytes / 10);
  });
});

test('a retried put takes effect once', async () => {
  const script = await Script.start();
  script.do(op.grant('1'));
  const call = { lease: '1', grantIndex: 1, sequence: 1, lowestUnanswered: 1 };
  expect(script.do(kvOp.put('a', '1'), call)).toMatchObject({ revision: 2 });
  expect(script.do(kvOp.put('a', '1'), call)).toMatchObject({ revision: 2 });
  expect(script.machine.kv.revision).toBe(2);
});

test('a batch with commands of the keys survives its encoding', () => {
  const commands = [
    { call: undefined, op: kvOp.txn([compareOf('a', { $case: 'lease', value: '18446744073709551615' })]) },
  ];
  const batch = { version: 1, origin: 1, number: 1, stampMs: 1, commands };
  expect(Batch.decode(Batch.encode(batch).finish())).toEqual(batch);
});
