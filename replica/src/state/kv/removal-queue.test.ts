import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RemovalQueue } from './removal-queue.js';

test('gives keys back in the order in which they came, however many wait', () => {
  // Runs of pushes and takes that fill and empty several parts of 1,024.
  const run = fc.record({ push: fc.boolean(), count: fc.integer({ min: 1, max: 2_500 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
      const queue = new RemovalQueue();
      let pushed = 0;
      let taken = 0;
      for (const { push, count } of runs) {
        for (let at = 0; at < count; at++) {
          if (push) {
            queue.push(10 + Math.floor(pushed / 3), pushed * 7);
            pushed++;
          } else if (taken < pushed) {
            expect(queue.headFrom).toBe(10 + Math.floor(taken / 3));
            expect(queue.shift()).toBe(taken++ * 7);
          }
        }
        if (taken === pushed) expect(queue.headFrom).toBe(Infinity);
      }
    }),
    { numRuns: 30 },
  );
});

test('an empty queue has nothing to take, and removals do not go back', () => {
  const queue = new RemovalQueue();
  expect(() => queue.shift()).toThrow('not there');
  queue.push(5, 1);
  expect(() => queue.push(4, 2)).toThrow('order of revisions');
});
