import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';

import { RealWorldTouched, withoutRealWorld } from './guard.js';

const touches: readonly [string, () => unknown][] = [
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['Math.random', () => Math.random()],
  ['performance.now', () => performance.now()],
  ['setTimeout', () => setTimeout(() => {}, 0)],
  ['setInterval', () => setInterval(() => {}, 1000)],
  ['setImmediate', () => setImmediate(() => {})],
];

test.each(touches)('%s throws inside of the simulation, and works again afterwards', (_name, touch) => {
  expect(() => withoutRealWorld(touch)).toThrow(RealWorldTouched);
  const left = touch() as NodeJS.Timeout | number;
  if (typeof left === 'object' && 'unref' in left) clearInterval(left);
});

test('what time a given moment is can be asked, and what is thrown passes', () => {
  expect(withoutRealWorld(() => new Date(0).toISOString())).toBe('1970-01-01T00:00:00.000Z');
  expect(() =>
    withoutRealWorld(() => {
      throw new TypeError('as it was');
    }),
  ).toThrow(TypeError);
  expect(randomInt(1, 2)).toBe(1);
});
