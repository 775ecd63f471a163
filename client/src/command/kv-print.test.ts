import { expect, test } from '@jest/globals';
import { keyValue } from '../kv/kv-scene.js';
import { answerJson, answerText, keyValueJson, keyValueText } from './kv-print.js';

const BINARY = { ...keyValue('k', 3), value: Buffer.from('ff00', 'hex') };

test('text is printed as it is, what is no text in base64 with a mark, and on request all of it encoded', () => {
  expect(keyValueText(keyValue('k', 3, 'ä'), { encoding: 'text' })).toBe('k\nä');
  expect(keyValueText(BINARY, { encoding: 'text' })).toBe('k\nbase64:/wA=');
  expect(keyValueText(BINARY, { encoding: 'hex' })).toBe('6b\nff00');
  expect(keyValueText(BINARY, { encoding: 'base64', valueOnly: true })).toBe('/wA=');
  expect(keyValueText(BINARY, { encoding: 'text', keysOnly: true })).toBe('k');
});

test('in JSON, a value that is no text has another name', () => {
  const facts = { createRevision: 1, modRevision: 3, version: 1, lease: '0' };
  expect(keyValueJson(keyValue('k', 3), 'text')).toEqual({ key: 'k', value: 'v', ...facts });
  expect(keyValueJson(BINARY, 'text')).toEqual({ key: 'k', valueBase64: '/wA=', ...facts });
  expect(keyValueJson(BINARY, 'hex')).toEqual({ key: '6b', value: 'ff00', ...facts });
});

test('answers of a transaction', () => {
  const shown = { encoding: 'text' } as const;
  const put = { $case: 'put', value: { revision: 4, prevKv: keyValue('k') } } as const;
  const deleted = { $case: 'deleteRange' as const, value: { revision: 4, deleted: 2, prevKvs: [] } };
  const inner = { revision: 4, succeeded: false, responses: [{ response: deleted }] };
  expect(answerText(put, shown)).toBe('OK, before:\nk\nv');
  expect(answerText(deleted, shown)).toBe('deleted 2');
  expect(answerText({ $case: 'txn', value: inner }, shown)).toBe('FAILURE');
  expect(answerJson({ $case: 'txn', value: inner }, 'text')).toEqual({
    txn: { succeeded: false, responses: [{ delete: { revision: 4, deleted: 2, prevKvs: [] } }] },
  });
});
