import { describe, expect, test } from '@jest/globals';

import type { RawNode } from '../../raft/index.js';
import type { StateMachine } from '../../state/index.js';
import { Removal } from './removal.js';

/** Member 1, by whose log these vote. */
function member(voters: number[]) {
  const told: string[] = [];
  const confState = { voters };
  const members = [{ id: 1 }, { id: 2 }, { id: 3 }];
  const membership = { confState, members, nextMemberId: 4 };
  const state = { membership } as unknown as StateMachine;
  const raft = { basicStatus: () => ({ commit: 60 }), termAt: () => 6 } as unknown as RawNode;
  const removal = new Removal({ id: 1, state, raft }, (how) => told.push(how));
  return { removal, told, confState, members };
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

  test('tells the others what is committed, from when it knows that it was removed until they know it', () => {
    const { removal, members } = member([2, 3]);
    expect(removal.commitToTell()).toBeUndefined();
    members.shift();
    expect(removal.commitToTell()).toEqual({ index: 60, term: 6 });
    removal.refusedBy(2);
    removal.refusedBy(3);
    expect(removal.commitToTell()).toBeUndefined();
  });

  test('of two goes by the other one', () => {
    const { removal, told } = member([1, 2]);
    removal.check();
    expect(told).toEqual([]);
    removal.refusedBy(2);
    expect(told).toEqual(['member 2 said so']);
  });
});
