import { describe, expect, test } from '@jest/globals';

import { StateType } from '../../raft/index.js';
import { ManualEnvironment } from '../../sim/manual-environment.js';
import { Leadership } from './leadership.js';

function world() {
  const environment = new ManualEnvironment({ monotonicMs: 1000, wallMs: 5_000_000 });
  return { environment, leadership: new Leadership(environment) };
}

describe('leadership', () => {
  test('begins with a term and ends with it; the same term told again is no new one', () => {
    const { leadership } = world();
    expect(leadership.changed(2, StateType.Follower, 1)).toBeUndefined();
    expect(leadership.changed(1, StateType.Leader, 2)).toBe('begun');
    expect(leadership.changed(1, StateType.Leader, 2)).toBeUndefined();
    expect(leadership.changed(0, StateType.Follower, 3)).toBe('ended');
    expect(leadership.changed(1, StateType.Leader, 4)).toBe('begun');
  });

  test('rule 2: each term stamps from the wall clock of its own election', () => {
    const { environment, leadership } = world();
    const stamps: number[] = [];
    const take = (): boolean => leadership.stamped((stampMs) => stamps.push(stampMs) > 0);
    expect(take()).toBe(false);
    leadership.changed(1, StateType.Leader, 2);
    expect(take()).toBe(true);
    environment.jumpWall(3_600_000);
    expect(take()).toBe(true);
    leadership.changed(1, StateType.Leader, 3);
    expect(take()).toBe(true);
    expect(stamps).toEqual([5_000_000, 5_000_000, 8_600_000]);
  });

  test('a stamp that the core did not take does not count as given out', () => {
    const { environment, leadership } = world();
    leadership.changed(1, StateType.Leader, 2);
    environment.advance(500);
    expect(leadership.stamped(() => false)).toBe(false);
    expect(leadership.lastStampAt).toBe(0);
    leadership.stamped(() => true);
    expect(leadership.lastStampAt).toBe(1500);
  });
});
