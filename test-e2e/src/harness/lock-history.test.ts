import { describe, expect, test } from '@jest/globals';

import { LockHistory } from './lock-history.js';

function historyOf(...holds: [lock: string, token: number, fromMs: number, untilMs: number][]): LockHistory {
  const history = new LockHistory();
  for (const [at, [lock, token, fromMs, untilMs]] of holds.entries()) {
    history.holds.push({ lock, holder: `holder ${at}`, token, fromMs, untilMs });
  }
  return history;
}

describe('the lock history checker', () => {
  test('accepts holds that follow each other', () => {
    const history = historyOf(['a', 1, 0, 10], ['b', 2, 5, 30], ['a', 3, 10, 20], ['a', 4, 25, Infinity]);
    expect(history.violations()).toEqual([]);
    expect(history.newestToken).toBe(4);
  });

  test.each<[string, LockHistory, RegExp]>([
    ['a lock held twice', historyOf(['a', 1, 0, 10], ['a', 2, 9, 20]), /held twice: a by holder 0.*holder 1/],
    [
      'a hold within a longer one',
      historyOf(['a', 1, 0, 50], ['a', 2, 50, 51], ['a', 3, 40, 45]),
      /held twice/,
    ],
    ['a lock taken while it is held', historyOf(['a', 1, 0, Infinity], ['a', 2, 9, 20]), /held twice/],
    ['a token that falls', historyOf(['a', 2, 0, 10], ['a', 1, 11, 20]), /did not grow/],
    ['a token that two locks share', historyOf(['a', 1, 0, 10], ['b', 1, 11, 20]), /token 1 twice/],
  ])('finds %s', (_name, history, message) => {
    expect(history.violations().join('\n')).toMatch(message);
  });
});
