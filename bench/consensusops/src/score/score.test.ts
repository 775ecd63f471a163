import { describe, expect, test } from '@jest/globals';
import type { Effect, FaultKind, IncidentClass, Where } from '@aegis/agent/diagnose';
import type { Label } from '../labels/index.js';
import { NOTHING, type Answer } from '../methods/index.js';
import { brier, pairedBootstrap, wilson } from './intervals.js';
import { classScores, isExact, isTop, macroF1, pathF1 } from './match.js';
import { scoreOf, type Judged } from './score.js';

const label = (
  classes: readonly IncidentClass[],
  fault: FaultKind = 'disk-slow',
  at: readonly Where[] = [{ replica: 'a' }],
): Label => ({
  id: 'x',
  control: classes.length === 0 ? 'no-fault' : null,
  template: 't',
  seed: 1,
  heldOut: false,
  confounded: false,
  classes,
  cause: classes.length === 0 ? null : { fault, at },
  path: null,
  injectedMs: classes.length === 0 ? null : 0,
  endedMs: classes.length === 0 ? null : 1,
});

const answer = (
  classes: readonly IncidentClass[],
  causes: readonly (readonly [FaultKind, Where, number?])[] = [],
): Answer => ({
  classes,
  causes: causes.map(([fault, at, confidence = 0.5]) => ({ fault, at, confidence })),
  path: [],
});

describe('a set of classes is right as a whole', () => {
  test.each([
    [['DiskStall'], ['DiskStall'], true],
    [['DiskStall', 'Overload'], ['Overload', 'DiskStall'], true],
    [['DiskStall'], ['DiskStall', 'Overload'], false],
    [['DiskStall', 'Overload'], ['DiskStall'], false],
    [[], [], true],
    [[], ['DiskStall'], false],
  ] as const)('was %j, said %j: %s', (was, said, right) => {
    expect(isExact({ classes: said }, { classes: was })).toBe(right);
  });
});

describe('a cause is right by its fault and its place', () => {
  const cause = { fault: 'link-cut', at: [{ from: 'a', to: 'b' }, { replica: 'c' }] } as const;
  test.each([
    ['the fault at one of the places', [['link-cut', { replica: 'c' }]], 1, true],
    ['another place', [['link-cut', { replica: 'a' }]], 1, false],
    ['another fault', [['link-slow', { replica: 'c' }]], 1, false],
    [
      'the other order of a link that is not listed both ways',
      [['link-cut', { from: 'b', to: 'a' }]],
      1,
      false,
    ],
    [
      'the second of three',
      [
        ['killed', { replica: 'a' }],
        ['link-cut', { from: 'a', to: 'b' }],
      ],
      3,
      true,
    ],
    [
      'the second where only the first counts',
      [
        ['killed', { replica: 'a' }],
        ['link-cut', { from: 'a', to: 'b' }],
      ],
      1,
      false,
    ],
    [
      'the fourth of three',
      [
        ['killed', 'clients'],
        ['paused', 'clients'],
        ['disk-full', 'clients'],
        ['link-cut', { replica: 'c' }],
      ],
      3,
      false,
    ],
    ['nothing', [], 3, false],
  ] as const)('%s', (_, causes, among, right) => {
    expect(isTop(answer([], causes), cause, among)).toBe(right);
  });
});

test('paths are compared as sets', () => {
  const [one, two, three]: [Effect, Effect, Effect] = [
    { effect: 'DiskStall', at: { replica: 'a' } },
    { effect: 'LeaderLost', at: 'cluster' },
    { effect: 'AnswersLate', at: 'clients' },
  ];
  expect(pathF1([one, two], [two, one])).toBe(1);
  expect(pathF1([one, two], [one, three])).toBe(0.5);
  expect(pathF1([one], [one, two, three])).toBe(0.5);
  expect(pathF1([one], [{ effect: 'DiskStall', at: { replica: 'b' } }])).toBe(0);
  expect(pathF1([], [])).toBe(1);
  expect(pathF1([], [one])).toBe(0);
});

test('precision, recall and F1 of a class, by hand', () => {
  // DiskStall: said of three, of which two are; two of the four that are of it were not said. Overload: said once, and there is none.
  const judged = [
    { label: label(['DiskStall']), answer: answer(['DiskStall']) },
    { label: label(['DiskStall']), answer: answer(['DiskStall', 'Overload']) },
    { label: label(['DiskStall']), answer: answer([]) },
    { label: label(['DiskStall']), answer: answer([]) },
    { label: label([]), answer: answer(['DiskStall']) },
  ];
  const scores = classScores(judged);
  const disk = scores.find((score) => score.class === 'DiskStall')!;
  expect(disk).toMatchObject({ cases: 4, precision: 2 / 3, recall: 1 / 2 });
  expect(disk.f1).toBeCloseTo(4 / 7, 12);
  expect(scores.find((score) => score.class === 'Overload')).toMatchObject({
    cases: 0,
    precision: 0,
    recall: null,
    f1: 0,
  });
  expect(scores.find((score) => score.class === 'SplitBrain')).toMatchObject({
    cases: 0,
    precision: null,
    recall: null,
    f1: 0,
  });
  // The mean over those two: of the others nothing was, and nothing was said.
  expect(macroF1(scores)).toBeCloseTo(2 / 7, 12);
  expect(macroF1(classScores([{ label: label([]), answer: answer([]) }]))).toBeNaN();
});

describe("Wilson's interval", () => {
  // Published values: L. Brown, T. Cai, A. DasGupta, Interval estimation for a binomial proportion, 2001, and R's prop.test without correction.
  test.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [33, 33, 0.8957, 1],
    [32, 33, 0.8468, 0.9946],
    [81, 263, 0.2553, 0.3662],
  ])('%i of %i', (right, of, low, high) => {
    const interval = wilson(right, of);
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  test('of nothing nothing is known', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('the paired bootstrap', () => {
  test('of two that are the same there is no difference', () => {
    expect(pairedBootstrap([1, 0, 1], [1, 0, 1])).toEqual({ mean: 0, low: 0, high: 0 });
  });

  test('of one that is always ahead it is certain', () => {
    expect(pairedBootstrap([1, 1, 1], [0, 0, 0])).toEqual({ mean: 1, low: 1, high: 1 });
  });

  test('it is the same every time, and near to what the normal distribution gives', () => {
    const one = Array.from({ length: 100 }, (_, at) => (at < 70 ? 1 : 0));
    const other = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 1 : 0));
    const first = pairedBootstrap(one, other);
    expect(pairedBootstrap(one, other)).toEqual(first);
    // 35 cases only one has, 15 only the other: mean 0.2, deviation sqrt(0.5 - 0.04) / 10.
    const width = 1.96 * (Math.sqrt(0.46) / 10);
    expect(first.mean).toBeCloseTo(0.2, 12);
    expect(first.low).toBeCloseTo(0.2 - width, 1);
    expect(first.high).toBeCloseTo(0.2 + width, 1);
    expect(first.low).toBeGreaterThan(0);
  });

  test('pairs have to be pairs', () => {
    expect(() => pairedBootstrap([1], [1, 0])).toThrow('1 cases of one, 2 of the other');
    expect(pairedBootstrap([], []).mean).toBeNaN();
  });
});

test("Brier's score, by hand", () => {
  expect(
    brier([
      { confidence: 1, right: true },
      { confidence: 0, right: false },
    ]),
  ).toBe(0);
  expect(
    brier([
      { confidence: 0.5, right: true },
      { confidence: 0.5, right: false },
    ]),
  ).toBe(0.25);
  expect(
    brier([
      { confidence: 0.8, right: false },
      { confidence: 0.9, right: true },
    ]),
  ).toBeCloseTo((0.64 + 0.01) / 2, 12);
  expect(brier([])).toBeNaN();
});

test('a whole score, by hand', () => {
  const right: [FaultKind, Where, number] = ['disk-slow', { replica: 'a' }, 0.9];
  const judged: Judged[] = [
    {
      label: { ...label(['DiskStall']), path: [{ effect: 'DiskStall', at: { replica: 'a' } }] },
      answer: { ...answer(['DiskStall'], [right]), path: [{ effect: 'DiskStall', at: { replica: 'a' } }] },
    },
    {
      label: label(['DiskStall']),
      answer: answer(['DiskStall', 'Overload'], [['killed', { replica: 'b' }, 0.6], right]),
    },
    { label: label(['Overload'], 'plain-load', ['clients']), answer: NOTHING },
    { label: label([]), answer: answer([]) },
    { label: label([]), answer: answer(['SplitBrain']) },
    { label: label([]), answer: answer([]) },
  ];
  const score = scoreOf(judged);
  expect(score.exact).toMatchObject({ right: 1, of: 3 });
  expect(score.top1).toMatchObject({ right: 1, of: 3 });
  expect(score.top3).toMatchObject({ right: 2, of: 3 });
  expect(score.falseAlarms).toMatchObject({ right: 1, of: 3 });
  expect(score.pathF1).toBe(1);
  // Of the third nothing was said, and it is counted as certain of nothing.
  expect(score.brier).toBeCloseTo((0.01 + 0.36 + 0) / 3, 12);
  expect(score.exact.interval).toEqual(wilson(1, 3));
});
