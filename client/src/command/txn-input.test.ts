import { expect, test } from '@jest/globals';
import { compare } from '../kv/compare.js';
import { op } from '../kv/txn.js';
import { parseTxn } from './txn-input.js';

test('comparisons, requests if they hold, requests if not', () => {
  const input = `
mod("a") > "0"
value("a b") = "x \\xff"
c(a) != 7
ver('a') < 2
lease("a") = "0x10"

# what is done
put a "new value" --lease 5 --prev-kv
del a c

get a --prefix --limit 3 --keys-only
put b --ignore-value
del '' --prefix --prev-kv
`.trimStart();
  const flags = { countOnly: false, stale: false };
  expect(parseTxn(input)).toEqual({
    compares: [
      compare.modRevision('a', '>', 0),
      compare.value('a b', '=', Buffer.from('7820ff', 'hex')),
      compare.createRevision('a', '!=', 7),
      compare.version('a', '<', 2),
      compare.lease('a', '=', '16'),
    ],
    success: [op.put('a', 'new value', { lease: '5', prevKv: true }), op.delete({ from: 'a', to: 'c' })],
    failure: [
      op.get({ prefix: 'a' }, { ...flags, limit: 3, keysOnly: true }),
      op.put('b', '', { ignoreValue: true }),
      op.delete({ prefix: '' }, { prevKv: true }),
    ],
  });
});

test('any part may be empty, but not all', () => {
  expect(parseTxn('\nput a 1').success.length).toBe(1);
  expect(parseTxn('\n\nput a 1').failure.length).toBe(1);
  expect(() => parseTxn('\n\n\n')).toThrow(/it is empty/);
});

test.each([
  ['mod("a") ~ 1', /^line 1: "mod.* is no comparison/],
  ['size("a") = 1', /^line 1: size: compare create, mod/],
  ['mod("a") = "x"', /^line 1: mod: "x" is not a whole number/],
  ['mod("a" "b") = 1', /^line 1: .*no comparison/],
  ['\nput a', /^line 2: put: a value is missing/],
  ['\nput a b c', /^line 2: put: wrong number of words/],
  ['\nset a 1', /^line 2: "set" is no request/],
  ['\nget a --fast', /^line 2: .*--fast/],
  ['\nget a b --prefix', /^line 2: --prefix, --from-key/],
  ['\nget a --rev 0', /^line 2: --rev: "0"/],
  ['\nput "" 1', /^line 2: key: it is empty/],
  ['\nput a 1\n\nget a\n\nget b', /^line 6: after the third part/],
])('%j is refused', (input, word) => {
  expect(() => parseTxn(input)).toThrow(word);
});
