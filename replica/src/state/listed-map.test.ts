import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byName, byNumber, ListedMap } from './listed-map.js';
import { firstOf } from './page.js';

type Step = readonly ['set' | 'delete' | 'list', string] | readonly ['clear'];

const key = fc.integer({ min: 1, max: 12 }).map(String);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constantFrom('set', 'delete', 'list'), key) as fc.Arbitrary<Step> },
  { weight: 1, arbitrary: fc.constant(['clear'] as const) },
);

test.each([
  ['names', byName],
  ['numbers', byNumber],
])('%s: whatever came and went, a list is what sorting all would give', (_, compare) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), (steps) => {
      const map = new ListedMap<string>(compare);
      for (const [what, at] of steps) {
        if (what === 'set') map.set(at, at);
        else if (what === 'delete') map.delete(at);
        else if (what === 'clear') map.clear();
        else {
          const expected = [...map.keys()].sort(compare).filter((each) => compare(each, at) >= 0);
          expect([...map.from(at)]).toEqual(expected);
        }
      }
    }),
  );
});

test('an order that nobody asks for any more is given up, and made again', () => {
  const map = new ListedMap<number>(byNumber);
  map.set('5', 5);
  expect([...map.from('')]).toEqual([5]);
  for (let i = 6; i <= 10_100; i++) map.set(`${i}`, i);
  expect([...map.from('10099')]).toEqual([10_099, 10_100]);
});

test('a page says whether there is more', () => {
  expect(firstOf([1, 2, 3], 2)).toEqual({ page: [1, 2], more: true });
  expect(firstOf([1, 2], 2)).toEqual({ page: [1, 2], more: false });
});
