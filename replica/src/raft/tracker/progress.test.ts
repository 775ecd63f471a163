import { describe, expect, test } from '@jest/globals';
import { Inflights } from './inflights.js';
import { Progress, ProgressState } from './progress.js';

function progress(match: number, next: number, state: ProgressState = ProgressState.Probe): Progress {
  const made = new Progress({
    match,
    next,
    inflights: new Inflights(2, Infinity),
    isLearner: false,
    recentActive: true,
  });
  if (state === ProgressState.Replicate) made.becomeReplicate();
  made.next = next;
  return made;
}

describe('probe', () => {
  test('pauses after one append with entries, not after an empty one', () => {
    const one = progress(1, 2);
    one.sentEntries(0, 0);
    expect(one.isPaused()).toBe(false);
    one.sentEntries(1, 5);
    expect([one.isPaused(), one.next]).toEqual([true, 2]);
  });

  test('a refusal moves next back to the hint, never to or below match', () => {
    for (const [match, next, rejected, hint, moved, after] of [
      [0, 10, 9, 5, true, 6],
      [0, 10, 9, 20, true, 9],
      [4, 10, 9, 1, true, 5],
      [0, 10, 8, 5, false, 10],
      [0, 1, 0, 0, true, 1],
    ] as const) {
      const one = progress(match, next);
      expect([one.maybeDecrease(rejected, hint), one.next]).toEqual([moved, after]);
    }
  });
});

describe('replicate', () => {
  test('runs ahead until the window is full', () => {
    const one = progress(1, 2, ProgressState.Replicate);
    one.sentEntries(1, 5);
    one.sentEntries(2, 5);
    expect([one.next, one.isPaused(), one.inflights.count]).toEqual([5, true, 2]);
  });

  test('a refusal above match goes back to match, one at or below it is old', () => {
    const one = progress(5, 10, ProgressState.Replicate);
    expect(one.maybeDecrease(5, 2)).toBe(false);
    expect([one.maybeDecrease(9, 2), one.next]).toEqual([true, 6]);
  });
});

describe('snapshot', () => {
  test('waits, and probes after the snapshot if it arrived, after match if it failed', () => {
    const one = progress(1, 2);
    one.becomeSnapshot(10);
    expect([one.isPaused(), one.next, one.pendingSnapshot]).toEqual([true, 11, 10]);
    expect(() => one.sentEntries(1, 1)).toThrow();
    const failed = one.clone();
    failed.pendingSnapshot = 0;
    failed.becomeProbe();
    one.becomeProbe();
    expect([one.next, failed.next]).toEqual([11, 2]);
  });
});

test('an acknowledgement moves match up only, and next above it', () => {
  const one = progress(3, 5);
  expect([one.maybeUpdate(3), one.maybeUpdate(2), one.match, one.next]).toEqual([false, false, 3, 5]);
  expect([one.maybeUpdate(4), one.match, one.next]).toEqual([true, 4, 5]);
  expect([one.maybeUpdate(9), one.match, one.next]).toEqual([true, 9, 10]);
});

test('a commit index is worth telling while one below next - 1 was told last', () => {
  const one = progress(3, 6, ProgressState.Replicate);
  one.sentCommit = 3;
  expect([one.canBumpCommit(3), one.canBumpCommit(4), one.canBumpCommit(9)]).toEqual([false, true, true]);
  one.sentCommit = 5;
  expect(one.canBumpCommit(9)).toBe(false);
});
