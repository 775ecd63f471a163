import { expect, test } from '@jest/globals';
import { KvCompareResult } from '@aegis/proto/v1/kv';
import { compare } from './compare.js';
import { begin, failureOf, settle } from './kv-scene.js';
import { TxnParts, op } from './txn.js';

test('if, do and else become the three lists, transactions in transactions too', async () => {
  const scene = await begin();
  const outcome = scene.client.kv
    .txn()
    .if(compare.modRevision('a', '=', 7), compare.missing({ prefix: 'b/' }))
    .do(
      op.put('a', '1'),
      op.txn((txn) => txn.if(compare.value('c', '!=', 'x')).do(op.delete('c'))),
    )
    .else(op.get('a'))
    .commit();
  await settle(scene.clock);
  const { id, request } = scene.transport.newest.last('kvTxn');
  const { value } = request;
  expect(value.compare.map(({ result, target }) => [result, target])).toEqual([
    [KvCompareResult.EQUAL, { $case: 'modRevision', value: 7 }],
    [KvCompareResult.EQUAL, { $case: 'createRevision', value: 0 }],
  ]);
  expect(value.compare[1]!.rangeEnd.toString()).toBe('b0');
  expect(value.success.map(({ request }) => request?.$case)).toEqual(['put', 'txn']);
  expect(value.success[1]!.request).toMatchObject({
    value: {
      compare: [{ result: KvCompareResult.NOT_EQUAL, target: { $case: 'value', value: Buffer.from('x') } }],
      success: [{ request: { $case: 'deleteRange' } }],
    },
  });
  expect(value.failure.map(({ request }) => request?.$case)).toEqual(['range']);
  const put = { $case: 'put' as const, value: { revision: 8, prevKv: undefined } };
  scene.transport.newest.answer(id, {
    $case: 'kvTxn',
    value: { revision: 8, succeeded: true, responses: [{ response: put }] },
  });
  expect(await outcome).toEqual({ revision: 8, succeeded: true, responses: [put] });
});

test('a transaction is no promise: awaiting it sends nothing', async () => {
  const scene = await begin();
  const txn = scene.client.kv.txn().do(op.put('a', '1'));
  expect(await Promise.resolve(txn)).toBe(txn);
  await settle(scene.clock);
  expect(scene.transport.newest.count('kvTxn')).toBe(0);
});

test('more than 128 operations are refused', () => {
  const many = Array.from({ length: 128 }, (_, index) => op.put(`k${index}`, ''));
  expect(() => new TxnParts().do(...many)).not.toThrow();
  expect(() => new TxnParts().do(...many).do(op.get('a'))).toThrow('128');
});

test('more bytes than a frame takes are refused before anything is sent', async () => {
  const scene = await begin();
  const large = 'v'.repeat(2_000_000);
  const failed = failureOf(scene.client.kv.txn().do(op.put('a', large), op.put('b', large)).commit());
  expect((await failed).code).toBe('INVALID_ARGUMENT');
});
