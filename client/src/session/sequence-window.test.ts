import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SequenceWindow, WINDOW_SIZE } from './sequence-window.js';

test('sequences begin at 1, and the lowest unanswered one travels with each call', () => {
  const window = new SequenceWindow('9', 4);
  expect([window.take(), window.take(), window.take()]).toEqual([1, 2, 3]);
  window.settle(1);
  expect(window.call(3)).toEqual({ lease: '9', grantIndex: 4, sequence: 3, lowestUnanswered: 2 });
});

test('an answer out of order moves nothing until the gap is closed', () => {
  const window = new SequenceWindow('9', 4);
  for (let i = 0; i < 4; i++) window.take();
  window.settle(3);
  window.settle(2);
  expect(window.call(4).lowestUnanswered).toBe(1);
  window.settle(1);
  expect(window.call(4).lowestUnanswered).toBe(4);
});

test('the window is full at the bound of the contract, and opens again', () => {
  const window = new SequenceWindow('9', 4);
  for (let i = 1; i <= WINDOW_SIZE; i++) expect(window.take()).toBe(i);
  expect(window.take()).toBe(0);
  window.settle(2);
  expect(window.take()).toBe(0);
  window.settle(1);
  expect(window.take()).toBe(WINDOW_SIZE + 1);
});

test('the window goes round: a number in the place of an answered one is not taken for answered', () => {
  const window = new SequenceWindow('9', 4);
  for (let i = 1; i <= 3 * WINDOW_SIZE; i++) window.settle(window.take());
  const sequence = window.take();
  window.take();
  window.settle(sequence + 1);
  expect(window.call(sequence).lowestUnanswered).toBe(sequence);
});

test('settling what was never taken is a fault', () => {
  expect(() => new SequenceWindow('9', 4).settle(1)).toThrow(RangeError);
});

test('whatever the order of answers, no sequence repeats and the bound of the contract holds', () => {
  const steps = fc.array(fc.nat(), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(steps, (choices) => {
      const window = new SequenceWindow('1', 1);
      const open = new Set<number>();
      let newest = 0;
      for (const choice of choices) {
        if (choice % 3 === 0 && open.size > 0) {
          const sequence = [...open][choice % open.size]!;
          window.settle(sequence);
          open.delete(sequence);
          continue;
        }
        const sequence = window.take();
        expect(sequence).toBe(newest + 1);
        newest = sequence;
        open.add(sequence);
        const { lowestUnanswered } = window.call(sequence);
        expect(lowestUnanswered).toBe(Math.min(...open));
        expect(sequence - lowestUnanswered).toBeLessThan(WINDOW_SIZE);
      }
    }),
  );
});
