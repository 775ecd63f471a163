import { describe, expect, test } from '@jest/globals';

import type { StateMachine } from '../../state/index.js';
import { Removal } from './removal.js';

/** Member 1, by whose log these vote. */
function member(voters: number[]) {
  const told: string[] = [];
  const confState = { voters };
  const state = { membership: { confState } } as unknown as StateMachine;
  const removal = new Removal(1, state, (how) => told.push(how));
  return { removal, told, confState };
}

describe('a removed member', () => {
  test('ends when most of the voters that it knows refuse it, and says so once', () => {
    const { removal, told } = member([1, 2, 3, 4, 5]);
    removal.refusedBy(2);
    removal.refusedBy(2);
    removal.refusedBy(9);
    removal.refusedBy(3);
    expect(told).toEqual([]);
    removal.refusedBy(5);
    removal.refusedBy(4);
    expect(told).toEqual(['members 2, 3, 5 said so']);
  });

  test('does not go by its own log alone: the others may need its vote', () => {
    const { removal, told, confState } = member([1, 2, 3]);
    confState.voters = [2, 3];
    removal.check();
    removal.refusedBy(2);
    expect(told).toEqual([]);
    removal.refusedBy(3);
    expect(told).toEqual(['members 2, 3 said so']);
  });

  test('of two goes by the other one', () => {
    const { removal, told } = member([1, 2]);
    removal.check();
    expect(told).toEqual([]);
    removal.refusedBy(2);
    expect(told).toEqual(['member 2 said so']);
  });
});
