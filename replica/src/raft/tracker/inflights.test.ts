import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Inflights } from './inflights.js';

test('behaves as a bounded list of (index, bytes) that is freed from the front', () => {
  const action = fc.record({
    free: fc.boolean(),
    step: fc.integer({ min: 0, max: 4 }),
    bytes: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 5, max: 30 }),
      fc.array(action),
      (size, max, actions) => {
        const window = new Inflights(size, max);
        let model: { index: number; bytes: number }[] = [];
        let index = 0;
        for (const { free, step, bytes } of actions) {
          const full = () => model.length === size || model.reduce((sum, each) => sum + each.bytes, 0) >= max;
          if (free) {
            const upTo = (model[0]?.index ?? 0) + step;
            window.freeUpTo(upTo);
            model = model.filter((each) => each.index > upTo);
          } else if (full()) {
            expect(() => window.add(index + 1, bytes)).toThrow();
          } else {
            index += step;
            window.add(index, bytes);
            model.push({ index, bytes });
          }
          expect([window.count, window.full()]).toEqual([model.length, full()]);
          expect([window.clone().count, window.clone().full()]).toEqual([window.count, window.full()]);
        }
        window.reset();
        expect(window.count).toBe(0);
      },
    ),
  );
});

test('a message may reach beyond the byte limit, but none follows it', () => {
  const window = new Inflights(10, 10);
  window.add(1, 9);
  expect(window.full()).toBe(false);
  window.add(2, 100);
  expect(window.full()).toBe(true);
  window.freeUpTo(1);
  expect(window.full()).toBe(true);
  window.freeUpTo(2);
  expect(window.full()).toBe(false);
});
