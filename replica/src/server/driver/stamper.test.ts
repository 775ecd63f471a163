import { describe, expect, test } from '@jest/globals';

import { Stamper, STEP_MS } from './stamper.js';

const TERM = 7;
const stamper = (): Stamper => new Stamper(TERM, 1_000_000, 500);

describe('lease time, rule 2: the leader stamps', () => {
  test('until one is applied, all stamps equal the first, however long it takes', () => {
    const s = stamper();
    expect([s.take(500), s.take(900), s.take(60_500)]).toEqual([1_000_000, 1_000_000, 1_000_000]);
  });

  test('time before the first apply is dropped, never caught up', () => {
    const s = stamper();
    s.take(10_500);
    s.applied(TERM, 1_000_000);
    expect(s.take(10_600)).toBe(1_000_100);
  });

  test('stamps follow the monotonic clock once one is applied', () => {
    const s = stamper();
    s.applied(TERM, s.take(500));
    expect(s.take(750)).toBe(1_000_250);
    s.applied(TERM, 1_000_250);
    expect(s.take(1250)).toBe(1_000_750);
  });

  test('no stamp exceeds the newest applied one + STEP, and what is cut off stays cut off', () => {
    const s = stamper();
    s.applied(TERM, s.take(500));
    expect(s.take(500 + 10 * STEP_MS)).toBe(1_000_000 + STEP_MS);
    s.applied(TERM, 1_000_000 + STEP_MS);
    expect(s.take(500 + 10 * STEP_MS + 100)).toBe(1_000_000 + STEP_MS + 100);
  });

  test('stamps never fall, even if the monotonic clock is read out of order', () => {
    const s = stamper();
    s.applied(TERM, s.take(500));
    const first = s.take(800);
    expect(s.take(700)).toBe(first);
    expect(s.take(900)).toBe(first + 100);
  });

  test('fractions of milliseconds are not lost over many stamps', () => {
    const s = stamper();
    s.applied(TERM, s.take(500));
    let last = 0;
    for (let i = 1; i <= 1000; i++) {
      last = s.take(500 + i * 0.7);
      s.applied(TERM, last);
    }
    expect(last).toBe(1_000_000 + 700);
  });

  test('stamps of other terms do not move the cap', () => {
    const s = stamper();
    s.applied(TERM - 1, 5_000_000);
    expect(s.take(5000)).toBe(1_000_000);
  });
});
