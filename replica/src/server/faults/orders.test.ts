import { describe, expect, test } from '@jest/globals';

import { BadOrder, parseOrder } from './orders.js';

describe('an order of the control channel', () => {
  test('what it does not say is sound', () => {
    expect(parseOrder('{"fault":"link","to":3,"delayMs":50}')).toEqual({
      fault: 'link',
      to: 3,
      cut: false,
      delayMs: 50,
      jitterMs: 0,
      lossPercent: 0,
      bytesPerSecond: 0,
    });
    expect(parseOrder('{"fault":"fsync"}')).toEqual({
      fault: 'fsync',
      slowMs: 0,
      stalled: false,
      failing: false,
    });
    expect(parseOrder('{"fault":"clock","offsetMs":-5}')).toEqual({
      fault: 'clock',
      offsetMs: -5,
      driftPpm: 0,
    });
    expect(parseOrder('{"fault":"none"}')).toEqual({ fault: 'none' });
  });

  test.each([
    ['', /not JSON/],
    ['[]', /not an object/],
    ['null', /not an object/],
    ['{}', /fault: undefined is not one of link, fsync/],
    ['{"fault":"fire"}', /"fire" is not one of/],
    ['{"fault":"link"}', /to: name the id/],
    ['{"fault":"link","to":1.5}', /to: name the id/],
    ['{"fault":"link","to":2,"lossPercent":101}', /lossPercent: 101 is not a number from 0 to 100/],
    ['{"fault":"link","to":2,"delayMs":"1"}', /delayMs: "1" is not a number/],
    ['{"fault":"link","to":2,"cut":1}', /cut: 1 is neither true nor false/],
    [
      '{"fault":"fsync","slow":5}',
      /slow: the fault fsync has no such field; it has: slowMs, stalled, failing/,
    ],
    ['{"fault":"stall","ms":null}', /ms: null is not a number/],
    ['{"fault":"clock","offsetMs":1e999}', /offsetMs/],
    ['{"fault":"link","to":2,"toString":1}', /toString: the fault link has no such field/],
  ])('%s is refused', (line, message) => {
    expect(() => parseOrder(line)).toThrow(BadOrder);
    expect(() => parseOrder(line)).toThrow(message);
  });
});
