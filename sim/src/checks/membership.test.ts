import type { Membership, StateMachine } from '@aegis/replica/sim';
import { describe, expect, test } from '@jest/globals';

import type { Committed } from './history.js';
import { MembershipCheck } from './membership.js';

type Halves = Partial<Membership['confState']>;

function membership(voters: number[], halves: Halves = {}, over: Partial<Membership> = {}): Membership {
  const confState = {
    voters,
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
    ...halves,
  };
  const ids = new Set([...voters, ...confState.learners, ...confState.votersOutgoing]);
  const members = [...ids].map((id) => ({
    id,
    nonce: `n${id}`,
    name: `m${id}`,
    peerAddress: '',
    clientAddress: '',
    metricsAddress: '',
    learner: confState.learners.includes(id),
  }));
  return { clusterId: 'c', members, confState, removedNonces: [], nextMemberId: 4, ...over };
}

/** A check after these memberships, one an entry, and what it reported. */
function after(
  memberships: readonly Membership[],
  over: { reach?: (id: number) => number | undefined; lost?: number[] } = {},
) {
  const reported: string[] = [];
  const check = new MembershipCheck({
    report: (invariant) => reported.push(invariant),
    first: memberships[0]!,
    reach: over.reach ?? (() => 100),
    lost: () => new Set(over.lost),
  });
  for (const [at, each] of memberships.slice(1).entries()) {
    const entry = { index: 10 * (at + 1), atMs: 1000 * (at + 1), member: 1, change: true } as Committed;
    check.committed(entry, { membership: each } as unknown as StateMachine);
  }
  return { check, reported };
}

const three = membership([1, 2, 3]);
const withLearner = membership([1, 2, 3], { learners: [4] }, { nextMemberId: 5 });
const four = membership([1, 2, 3, 4], {}, { nextMemberId: 5 });

describe('changes of the membership', () => {
  test('one member after the other is no violation, nor is a replacement by joint consensus', () => {
    const joint = membership([1, 2, 4], { votersOutgoing: [1, 2, 3] }, { nextMemberId: 5 });
    const left = membership([1, 2, 4], {}, { nextMemberId: 5, removedNonces: ['n3'] });
    expect(after([three, withLearner, four]).reported).toEqual([]);
    expect(after([three, withLearner, joint, left]).reported).toEqual([]);
  });

  test('quorums without a common member are seen', () => {
    const five = membership([1, 2, 3, 4, 5], {}, { nextMemberId: 6 });
    const two = membership([4, 5], {}, { nextMemberId: 6, removedNonces: ['n1', 'n2', 'n3'] });
    expect(after([five, two]).reported).toEqual(['quorums overlap']);
  });

  test('an id or a folder that comes back is seen', () => {
    const renamed = { ...three, members: three.members.map((each) => ({ ...each, nonce: `x${each.id}` })) };
    expect(new Set(after([three, renamed]).reported)).toEqual(new Set(['ids are given once']));
    const without = membership([1, 2], {}, { removedNonces: ['n3'] });
    expect(after([three, without]).reported).toEqual([]);
    expect(after([three, without, three]).reported).toContain('removed folders are refused');
    expect(after([three, without, membership([1, 2, 3], {}, { removedNonces: ['n3'] })]).reported).toContain(
      'ids are given once',
    );
    expect(after([three, membership([1, 2])]).reported).toEqual(['removed folders are refused']);
  });

  test('a voter has been a learner, and has the log', () => {
    expect(after([three, four]).reported).toEqual(['learners first']);
    const reach = (id: number): number | undefined => (id === 4 ? undefined : 100);
    expect(after([three, withLearner, four], { reach }).reported).toEqual(['who votes has caught up']);
  });

  test('no change leaves fewer voters than can decide', () => {
    const two = membership([1, 2], {}, { removedNonces: ['n3'] });
    expect(after([three, two], { lost: [3] }).reported).toEqual([]);
    expect(after([three, two], { lost: [2] }).reported).toEqual(['the rest can decide']);
  });

  test('a leader does not append a change before the one before it is applied', () => {
    const { check, reported } = after([three]);
    check.proposed(1, 5, 20, 19);
    check.proposed(1, 5, 25, 20);
    check.proposed(2, 6, 26, 3);
    expect(reported).toEqual([]);
    check.proposed(1, 5, 27, 24);
    expect(reported).toEqual(['one change at a time']);
  });

  test('answers hold: a folder is the member that it was told to be, and who was removed is gone', () => {
    const { check, reported } = after([three, withLearner]);
    check.added('n4', 4);
    check.promoted(2);
    check.removed(7);
    expect(reported).toEqual([]);
    check.added('n4', 5);
    check.promoted(4);
    check.removed(4);
    expect(reported).toEqual([
      'ids are given once',
      'changes answered are in force',
      'changes answered are in force',
    ]);
  });

  test('who knows that it was removed ends only when most of the others know it, too', () => {
    const { check, reported } = after([three, membership([1, 2], {}, { removedNonces: ['n3'] })]);
    check.applied(1, 10);
    // One that does not know it was told.
    check.ended(3, false);
    expect(reported).toEqual([]);
    check.ended(3, true);
    check.ended(2, false);
    expect(reported).toEqual(['who is removed ends', 'who is removed ends']);
    check.applied(2, 12);
    check.ended(3, true);
    expect(reported).toHaveLength(2);
  });

  test('the quorums of an entry are those before it', () => {
    const { check } = after([three, withLearner, four]);
    expect(check.inForce(20)).toMatchObject({ now: [[1, 2, 3]], since: 10 });
    expect(check.inForce(21)).toEqual({ now: [[1, 2, 3, 4]], before: [[1, 2, 3]], since: 20 });
    expect(check.recent(1500)).toEqual([[[1, 2, 3]], [[1, 2, 3, 4]]]);
    expect(check.recent(2500)).toEqual([[[1, 2, 3, 4]]]);
  });
});
