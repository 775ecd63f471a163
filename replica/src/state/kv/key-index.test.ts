import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyIndex } from './key-index.js';

/** A run of keys beside each other, rising or falling, that comes or goes. */
const run = fc.record({
  add: fc.constantFrom(true, true, false),
  from: fc.nat(3000),
  length: fc.integer({ min: 1, max: 700 }),
  step: fc.constantFrom(1, 1, -1, 7, 13),
});
const nameOf = (number: number): string => `key/${String(((number % 3000) + 3000) % 3000).padStart(4, '0')}`;

test('holds keys as a sorted list does, through any number of blocks', () => {
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 12 }),
      fc.nat(3100),
      fc.nat(3100),
      (runs, low, high) => {
        const index = new KeyIndex();
        const expected = new Set<string>();
        for (const { add, from, length, step } of runs) {
          for (let at = 0; at < length; at++) {
            const key = nameOf(from + at * step);
            if (add === expected.has(key)) continue;
            if (add) {
              index.add(key);
              expected.add(key);
            } else {
              index.remove(index.get(key)!);
              expected.delete(key);
            }
          }
          const sorted = [...expected].sort();
          expect(index.size).toBe(sorted.length);
          expect(keysIn(index, '', undefined)).toEqual(sorted);
          const [first, end] = [
            `key/${String(low).padStart(4, '0')}`,
            `key/${String(high).padStart(4, '0')}`,
          ];
          expect(keysIn(index, first, end)).toEqual(sorted.filter((key) => key >= first && key < end));
          expect(keysIn(index, first, undefined, 3)).toEqual(
            sorted.filter((key) => key >= first).slice(0, 3),
          );
        }
        for (let number = 0; number < 3000; number++) {
          const key = nameOf(number);
          expect(index.get(key)?.key).toBe(expected.has(key) ? key : undefined);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('a key that is there is not added again, and one that is not is not removed', () => {
  const index = new KeyIndex();
  const gone = index.add('a');
  expect(() => index.add('a')).toThrow('once');
  index.remove(gone);
  expect(() => index.remove(gone)).toThrow('not in the index');
  index.add('b');
  expect(() => index.at(1)).toThrow('never numbered');
});

test('the number of a removed key goes to the next one, which has nothing of it', () => {
  const index = new KeyIndex();
  const gone = index.add('a');
  gone.advance(7, 1, 20, 7, 1);
  gone.advance(8, 1, 20, 7, 2);
  gone.advance(9, 1, 20, 7, 3);
  const { number } = gone;
  index.remove(gone);
  const next = index.add('b');
  expect(next.number).toBe(number);
  const { main, sub, created, version, lease, deleted } = next;
  expect({ main, sub, created, version, lease, deleted }).toEqual({
    main: 0,
    sub: 0,
    created: 0,
    version: 0,
    lease: undefined,
    deleted: false,
  });
  next.advance(10, 0, 20, 10, 1);
  expect(next.before(10)).toBeUndefined();
  expect(next.asOf(9)).toBeUndefined();
});

function keysIn(index: KeyIndex, from: string, to: string | undefined, limit = Infinity): string[] {
  const keys: string[] = [];
  index.visit({ from, to }, ({ key }) => keys.push(key) < limit);
  return keys;
}
