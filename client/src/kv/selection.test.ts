import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyAfter, rangeOf } from './selection.js';

const inside = (key: Buffer, { key: from, rangeEnd }: ReturnType<typeof rangeOf>): boolean => {
  if (rangeEnd.length === 0) return key.equals(from);
  const endless = rangeEnd.equals(Buffer.from([0]));
  return Buffer.compare(key, from) >= 0 && (endless || Buffer.compare(key, rangeEnd) < 0);
};

test.each([
  [{ key: 'a' }, '61', ''],
  [{ prefix: 'ab' }, '6162', '6163'],
  [{ prefix: Buffer.from('61ff', 'hex') }, '61ff', '62'],
  [{ prefix: Buffer.from('ffff', 'hex') }, 'ffff', '00'],
  [{ prefix: '' }, '00', '00'],
  [{ from: 'a', to: 'c' }, '61', '63'],
  [{ from: 'a' }, '61', '00'],
  [{ key: 'ä' }, 'c3a4', ''],
])('%j is [%s, %s)', (selection, key, end) => {
  const range = rangeOf(selection);
  expect([range.key.toString('hex'), range.rangeEnd.toString('hex')]).toEqual([key, end]);
});

test('a prefix takes in exactly the keys that begin with it', () => {
  const bytes = fc
    .uint8Array({ maxLength: 4 })
    .map((array) => Buffer.from(array.map((byte) => 253 + (byte % 3))));
  const key = bytes.filter(({ length }) => length > 0);
  fc.assert(
    fc.property(bytes, key, (prefix, key) => {
      expect(inside(key, rangeOf({ prefix }))).toBe(key.subarray(0, prefix.length).equals(prefix));
    }),
  );
});

test('the key after another is the first that sorts after it', () => {
  expect(keyAfter(Buffer.from('a')).toString('hex')).toBe('6100');
});

test.each([[{ key: '' }], [{ from: '' }], [{ from: 'a', to: '' }]])(
  '%j: a key is never empty',
  (selection) => {
    expect(() => rangeOf(selection)).toThrow('it is empty');
  },
);
