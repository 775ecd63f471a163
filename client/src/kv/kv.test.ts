import { expect, test } from '@jest/globals';
import type { KeyValue } from '@aegis/proto/v1/kv';
import { begin, failureOf, keyValue, rangeAnswer, settle } from './kv-scene.js';

const RANGE_TOO_LARGE = 66;
const NO_LEADER = 6;
const LEASE_NOT_FOUND = 20;
const NO = { retryable: false, definite: true };

async function collect(keys: AsyncIterable<KeyValue>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of keys) found.push(key.toString());
  return found;
}

test('get asks for one key, linearizably unless told otherwise', async () => {
  const scene = await begin();
  const got = scene.client.kv.get('a');
  await settle(scene.clock);
  const { value } = scene.transport.newest.last('kvRange').request;
  expect(value).toMatchObject({ key: Buffer.from('a'), stale: false, revision: 0, limit: 0 });
  expect(value.rangeEnd.length).toBe(0);
  rangeAnswer(scene, { kvs: [keyValue('a', 3)] });
  expect((await got)?.modRevision).toBe(3);
  void scene.client.kv.get('a', { stale: true, revision: 2 }).catch(() => undefined);
  await settle(scene.clock);
  expect(scene.transport.newest.last('kvRange').request.value).toMatchObject({ stale: true, revision: 2 });
});

test('a prefix is read page by page, the later ones after the last key and at the revision of the first', async () => {
  const scene = await begin();
  const all = collect(scene.client.kv.prefix('a/'));
  await settle(scene.clock);
  rangeAnswer(scene, { revision: 7, kvs: [keyValue('a/1'), keyValue('a/2')], more: true });
  await settle(scene.clock);
  const { value } = scene.transport.newest.last('kvRange').request;
  expect(value.key.toString()).toBe('a/2\0');
  expect(value.rangeEnd.toString()).toBe('a0');
  expect(value.revision).toBe(7);
  rangeAnswer(scene, { revision: 8, kvs: [keyValue('a/3')] });
  expect(await all).toEqual(['a/1', 'a/2', 'a/3']);
});

test('a limit is kept over the pages', async () => {
  const scene = await begin();
  const all = collect(scene.client.kv.range({ from: 'a' }, { limit: 3 }));
  await settle(scene.clock);
  rangeAnswer(scene, { kvs: [keyValue('a'), keyValue('b')], more: true });
  await settle(scene.clock);
  expect(scene.transport.newest.last('kvRange').request.value.limit).toBe(1);
  rangeAnswer(scene, { kvs: [keyValue('c')], more: true });
  expect(await all).toEqual(['a', 'b', 'c']);
});

test('a page that would be too large is asked for again, smaller', async () => {
  const scene = await begin();
  const all = collect(scene.client.kv.prefix(''));
  await settle(scene.clock);
  const { id, request } = scene.transport.newest.last('kvRange');
  scene.transport.newest.refuse(id, RANGE_TOO_LARGE, NO);
  await settle(scene.clock);
  const again = scene.transport.newest.last('kvRange').request.value.limit;
  expect([request.value.limit, again]).toEqual([1_000, 250]);
  rangeAnswer(scene, { kvs: [keyValue('a')] });
  expect(await all).toEqual(['a']);
});

test('a put without a session is not sent again when it may have had an effect', async () => {
  const scene = await begin();
  const failed = failureOf(scene.client.kv.put('a', '1'));
  await settle(scene.clock);
  const { call } = scene.transport.newest.last('kvPut');
  expect(call).toBeUndefined();
  scene.transport.newest.break();
  void scene.client.kv.get('a').catch(() => undefined);
  scene.transport.newest.welcome();
  await settle(scene.clock);
  expect((await failed).definite).toBe(false);
  expect(scene.transport.newest.count('kvPut')).toBe(0);
});

test('it is sent again after a refusal that is definite', async () => {
  const scene = await begin();
  const put = scene.client.kv.put('a', '1');
  await settle(scene.clock);
  const { id } = scene.transport.newest.last('kvPut');
  scene.transport.newest.refuse(id, NO_LEADER, { retryable: true, definite: true });
  scene.clock.advance(100);
  expect(scene.transport.newest.count('kvPut')).toBe(2);
  scene.transport.newest.answer(id, { $case: 'kvPut', value: { revision: 4, prevKv: undefined } });
  expect((await put).revision).toBe(4);
});

test('a put in a session is sent again under its sequence', async () => {
  const scene = await begin();
  const session = scene.client.session(9_000);
  const put = session.kv.put('a', '1');
  await settle(scene.clock);
  scene.transport.newest.grant('77', 9_000);
  await settle(scene.clock);
  scene.transport.newest.break();
  scene.transport.newest.welcome();
  await settle(scene.clock);
  const { id, call } = scene.transport.newest.last('kvPut');
  expect(call).toEqual({ lease: '77', grantIndex: 7, sequence: 1, lowestUnanswered: 1 });
  scene.transport.newest.answer(id, { $case: 'kvPut', value: { revision: 5, prevKv: undefined } });
  expect((await put).revision).toBe(5);
});

test('that the lease of a key is not found does not end the session', async () => {
  const scene = await begin();
  const session = scene.client.session(9_000);
  const failed = failureOf(session.kv.put('a', '1', { lease: '5' }));
  await settle(scene.clock);
  scene.transport.newest.grant('77', 9_000);
  await settle(scene.clock);
  scene.transport.newest.refuse(scene.transport.newest.last('kvPut').id, LEASE_NOT_FOUND, NO);
  expect((await failed).code).toBe('LEASE_NOT_FOUND');
  expect(session.valid).toBe(true);
});

test('deletePrefix names the range', async () => {
  const scene = await begin();
  const deleted = scene.client.kv.deletePrefix('a/', { prevKv: true });
  await settle(scene.clock);
  const { id, request } = scene.transport.newest.last('kvDeleteRange');
  expect(request.value.rangeEnd.toString()).toBe('a0');
  expect(request.value.prevKv).toBe(true);
  const value = { revision: 6, deleted: 2, prevKvs: [] };
  scene.transport.newest.answer(id, { $case: 'kvDeleteRange', value });
  expect(await deleted).toEqual(value);
});

test.each([
  ['an empty key', {}, '', 'v', 'key'],
  ['a value beside ignoreValue', { ignoreValue: true }, 'k', 'v', 'ignoreValue'],
  ['a lease beside ignoreLease', { ignoreLease: true, lease: '5' }, 'k', 'v', 'ignoreLease'],
  ['a lease that is none', { lease: 'x' }, 'k', 'v', 'lease'],
  ['more than a frame takes', {}, 'k', 'v'.repeat(3_200_000), 'bytes'],
])('%s is refused before anything is sent', async (_what, options, key, value, named) => {
  const scene = await begin();
  const error = await failureOf(scene.client.kv.put(key, value, options));
  expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining(named)]);
});
