import { byName, type Measured } from '@aegis/agent/counterfactual';
import { expect, test } from '@jest/globals';

import { compare, judge, judgeReplay, pairsOf, verificationOf } from './judge.js';
import type { Run } from './side.js';

const NOTHING: Measured = byName(() => 0);
const FINEST: Measured = byName(() => 1);

function run(measured: Partial<Measured>, classes: Run['classes'] = ['ElectionStorm']): Run {
  return { measured: { ...NOTHING, ...measured }, finest: FINEST, classes, violation: undefined };
}

const runs = (elections: readonly number[], more: Partial<Measured> = {}): Run[] =>
  elections.map((each) => run({ elections: each, ...more }));

const judged = (before: readonly Run[], after: readonly Run[]) => judge('elections', compare(before, after));

test('it improves if the interval of the paired difference excludes 0, and not if it holds it', () => {
  expect(judged(runs([8, 9, 10, 8]), runs([2, 3, 1, 2]))).toEqual({ result: 'Improves', harmed: [] });
  expect(judged(runs([8, 2, 9, 1]), runs([2, 8, 1, 9])).result).toBe('NoDifference');
  expect(judged(runs([8, 9, 10]), runs([8, 9, 10])).result).toBe('NoDifference');
  expect(judged(runs([2, 3, 1]), runs([8, 9, 10])).result).toBe('Harm');
});

test('pairs count, not sides: seeds that differ more than the settings do', () => {
  const [before, after] = [runs([1, 5, 10, 20, 40]), runs([0, 4, 9, 19, 39])];
  const { elections } = compare(before, after);
  expect(elections).toMatchObject({ mean: -1, low: -1, high: -1 });
  expect(judged(before, after).result).toBe('Improves');
});

test('another signal beyond its margin is harm, however much the first one improves', () => {
  const before = runs([8, 9, 10], { lost: 4 });
  expect(judged(before, runs([0, 0, 0], { lost: 6 })).result).toBe('Improves');
  expect(judged(before, runs([0, 0, 0], { lost: 6.1 }))).toEqual({ result: 'Harm', harmed: ['lost'] });
  // Of much a quarter is the margin.
  const much = runs([8, 9, 10], { lost: 40 });
  expect(judged(much, runs([0, 0, 0], { lost: 50 })).result).toBe('Improves');
  expect(judged(much, runs([0, 0, 0], { lost: 50.1, wait: 500 }))).toEqual({
    result: 'Harm',
    harmed: ['wait', 'lost'],
  });
});

test('a signal that cannot be told any more is harm, and one that never could be is none', () => {
  const nan = { lag: Number.NaN };
  expect(judged(runs([8, 9, 10]), runs([0, 0, 0], nan))).toEqual({ result: 'Harm', harmed: ['lag'] });
  expect(judged(runs([8, 9, 10], nan), runs([0, 0, 0], nan)).result).toBe('Improves');
});

test('a replay has to be of the class most of the time, and as bad as what was measured within 30 %', () => {
  const asked = { class: 'ElectionStorm', observed: 10 } as const;
  expect(judgeReplay(asked, runs([12, 13, 14]))).toMatchObject({
    reproduced: true,
    classSeen: 3,
    low: 7,
    high: 13,
  });
  expect(judgeReplay(asked, runs([13, 13, 14]))).toMatchObject({ reproduced: false });
  expect(judgeReplay(asked, runs([6, 7, 7])).why).toContain('more than 30 % away');
  const half = [...runs([10]), run({ elections: 10 }, ['DiskStall'])];
  expect(judgeReplay(asked, half)).toMatchObject({ reproduced: false, classSeen: 1, of: 2 });
  expect(judgeReplay({ class: 'ElectionStorm', observed: undefined }, runs([40]))).toMatchObject({
    reproduced: true,
  });
  // One more or less is the finest that a window tells.
  expect(judgeReplay({ class: 'ElectionStorm', observed: 2 }, runs([3]))).toMatchObject({ reproduced: true });
  expect(judgeReplay(asked, runs([Number.NaN])).reproduced).toBe(false);
});

test('the answer is whole thousandths, and names what was harmed most', () => {
  const signals = compare(runs([8, 9, 10.0004]), runs([2, 2, 2]));
  expect(verificationOf('elections', judge('elections', signals), signals.elections, 3)).toEqual({
    result: 'Improves',
    signal: 'elections: New terms.',
    unit: 'a minute',
    before: 9000,
    after: 2000,
    delta: -7000,
    deltaLow: expect.any(Number),
    deltaHigh: expect.any(Number),
    seeds: 3,
  });
  const [before, after] = [runs([8, 9, 10.0004]), runs([2, 2, Number.NaN])];
  const told = verificationOf(
    'elections',
    { result: 'Improves', harmed: [] },
    signals.elections,
    3,
    pairsOf('elections', before, after),
  );
  expect(told.pairs).toEqual([
    [8000, 2000],
    [9000, 2000],
  ]);
  const many = pairsOf(
    'elections',
    runs(Array.from({ length: 40 }, (_, at) => at)),
    runs(Array.from({ length: 40 }, () => 0)),
  );
  expect(
    verificationOf('elections', { result: 'Improves', harmed: [] }, signals.elections, 40, many).pairs,
  ).toHaveLength(16);
  const nothing = { before: Number.NaN, after: Number.NaN, mean: 0, low: 0, high: -0 };
  const answer = verificationOf('lag', { result: 'Harm', harmed: ['lost', 'wait'] }, nothing, 1);
  expect(answer).toMatchObject({ before: 0, harmed: 'lost' });
  expect(Object.is(answer.deltaHigh, 0)).toBe(true);
});
