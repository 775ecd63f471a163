import { expect, test } from '@jest/globals';
import { derive, quantile } from './derive.js';

const step = { seconds: 2, anew: false };

test('a counter is a rate; one that fell, or of a new process, began at zero', () => {
  expect(derive('rate', { before: 10, now: 16, ...step })).toBe(3);
  expect(derive('rate', { before: 10, now: 4, ...step })).toBe(2);
  expect(derive('rate', { before: 10, now: 12, seconds: 2, anew: true })).toBe(6);
  expect(derive('rate', { before: undefined, now: 12, ...step })).toBeNaN();
  expect(derive('rate', { before: 12, now: undefined, ...step })).toBeNaN();
});

test('what may shrink does not begin anew for that', () => {
  expect(derive('growth', { before: 10, now: 16, ...step })).toBe(3);
  expect(derive('growth', { before: 10, now: 4, ...step })).toBe(0);
  expect(derive('growth', { before: 10, now: 16, seconds: 2, anew: true })).toBeNaN();
});

test('what stands needs nothing before it, and a change does', () => {
  expect(derive('stands', { before: undefined, now: 5, ...step })).toBe(5);
  expect(derive('changed', { before: 5, now: 6, ...step })).toBe(1);
  expect(derive('changed', { before: 5, now: 5, ...step })).toBe(0);
  expect(derive('changed', { before: undefined, now: 5, ...step })).toBeNaN();
});

test('of a histogram only what came since counts', () => {
  const before = { bounds: [1, 2, 4], counts: [5, 5, 5, 5], sum: 5 };
  const now = { bounds: [1, 2, 4], counts: [5, 9, 15, 15], sum: 35 };
  expect(derive('rate', { before, now, ...step })).toBe(5);
  expect(derive('mean', { before, now, ...step })).toBe(3);
  expect(derive('sumRate', { before, now, ...step })).toBe(15);
  // Ten values, four of them up to 2 and six up to 4: the one of rank 9.9 lies 5.9 sixths into the last.
  expect(derive('p99', { before, now, ...step })).toBeCloseTo(2 + (2 * 5.9) / 6, 10);
  expect(derive('mean', { before: now, now, ...step })).toBeNaN();
  expect(derive('mean', { before, now, seconds: 2, anew: true })).toBe(35 / 15);
  expect(derive('mean', { before: now, now: before, ...step })).toBe(1);
  expect(derive('median', { before, now, ...step })).toBeCloseTo(2 + (2 * 1) / 6, 10);
  expect(derive('max', { before, now, ...step })).toBe(4);
  expect(derive('max', { before, now: { ...now, counts: [5, 9, 15, 16] }, ...step })).toBe(4);
  expect(derive('max', { before, now: { ...now, counts: [6, 6, 6, 6] }, ...step })).toBe(1);
  const others = { bounds: [1, 3], counts: [5, 9, 15], sum: 35 };
  expect(derive('mean', { before, now: others, ...step })).toBeNaN();
});

test('a quantile is within its bound, and the last bound where there is none', () => {
  const all = { bounds: [1, 2], counts: [0, 10, 20], sum: 99 };
  expect(quantile(all, 0.25)).toBe(1.5);
  expect(quantile(all, 0.99)).toBe(2);
  expect(quantile({ ...all, counts: [0, 0, 0] }, 0.5)).toBeNaN();
});
