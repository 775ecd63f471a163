import { expect, test } from '@jest/globals';
import { Unwritten } from './unwritten.js';

const write = (key: string, value: string | undefined) => ({
  key: Buffer.from(key),
  value: value === undefined ? undefined : Buffer.from(value),
});

test('while attempts fail only the last value of each key is kept, in the order of the last writes', () => {
  const unwritten = new Unwritten();
  for (let round = 0; round < 5; round++) {
    unwritten.add([write('a', String(round)), write(`only ${round % 2}`, 'x'), write('gone', undefined)]);
    unwritten.begin();
    unwritten.fail();
  }
  expect(unwritten.all.map(({ key, value }) => [key.toString(), value?.toString()])).toEqual([
    ['only 1', 'x'],
    ['a', '4'],
    ['only 0', 'x'],
    ['gone', undefined],
  ]);
  unwritten.begin();
  unwritten.confirm(unwritten.end);
  expect(unwritten.all).toEqual([]);
});

test('an attempt that ends well after another has failed confirms what it brought', () => {
  const unwritten = new Unwritten();
  unwritten.add([write('a', '1')]);
  unwritten.begin();
  const first = unwritten.end;
  unwritten.add([write('a', '2')]);
  unwritten.begin();
  unwritten.fail();
  unwritten.confirm(first);
  expect(unwritten.all.map(({ value }) => value?.toString())).toEqual(['2']);
});
