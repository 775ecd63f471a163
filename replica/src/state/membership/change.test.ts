import { describe, expect, test } from '@jest/globals';
import type { AddLearner } from '@aegis/proto/replica/membership';
import { ErrorCode } from '@aegis/proto/v1/error';
import fc from 'fast-check';

import { isJoint, isRemoved, leaveJoint, type Plan, planChange, type Planned } from './change.js';
import type { KnownChange } from './decode.js';
import { decodeMembership, encodeMembership, type Membership } from './membership.js';

const nonceOf = (n: number): string => String(n).padStart(32, '0');

function learner(n: number, over: Partial<AddLearner> = {}): AddLearner {
  return {
    nonce: nonceOf(n),
    name: `m${n}`,
    peerAddress: `p${n}:1`,
    clientAddress: `c${n}:1`,
    metricsAddress: `t${n}:1`,
    ...over,
  };
}

function first(size: number): Membership {
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  return {
    clusterId: 'c',
    members: ids.map((id) => ({ id, ...learner(id), learner: false })),
    confState: { voters: ids, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
    removedNonces: [],
    nextMemberId: size + 1,
  };
}

const add = (n: number, over: Partial<AddLearner> = {}): KnownChange['change'] => ({
  $case: 'addLearner',
  value: learner(n, over),
});
const promote = (id: number): KnownChange['change'] => ({ $case: 'promote', value: { id } });
const remove = (id: number): KnownChange['change'] => ({ $case: 'remove', value: { id } });
const replace = (promoted: number, removed: number): KnownChange['change'] => ({
  $case: 'replace',
  value: { promoted, removed },
});

function done(plan: Plan): Planned {
  if ('error' in plan) throw new Error(plan.error.message);
  return plan;
}

function codeOf(plan: Plan): ErrorCode | undefined {
  return 'error' in plan ? plan.error.code : undefined;
}

describe('a change of the membership', () => {
  test('a learner gets the next id, and asked again the same', () => {
    const { memberId, core, membership } = done(planChange(first(3), add(9)));
    expect({ memberId, core }).toEqual({ memberId: 4, core: { kind: 'learner', id: 4 } });
    expect(membership.confState).toMatchObject({ voters: [1, 2, 3], learners: [4] });
    expect(membership.members.at(-1)).toEqual({ id: 4, ...learner(9), learner: true });
    expect(done(planChange(membership, add(9)))).toEqual({ memberId: 4, core: undefined, membership });
    expect(codeOf(planChange(membership, add(9, { name: 'other' })))).toBe(ErrorCode.MEMBER_EXISTS);
  });

  test('no address and no name belongs to two', () => {
    for (const over of [
      { peerAddress: 'p2:1' },
      { peerAddress: 'c2:1' },
      { clientAddress: 't2:1' },
      { metricsAddress: 'p2:1' },
      { name: 'm2' },
    ]) {
      const plan = planChange(first(3), add(9, over));
      expect(codeOf(plan)).toBe(ErrorCode.MEMBER_EXISTS);
      expect('error' in plan && plan.error.message).toContain('member 2');
    }
  });

  test('a learner becomes a voter, and stays one when asked again', () => {
    const grown = done(planChange(first(3), add(9))).membership;
    const { core, membership } = done(planChange(grown, promote(4)));
    expect(core).toEqual({ kind: 'voter', id: 4 });
    expect(membership.confState).toMatchObject({ voters: [1, 2, 3, 4], learners: [] });
    expect(membership.members.at(-1)!.learner).toBe(false);
    expect(done(planChange(membership, promote(4))).core).toBeUndefined();
    expect(codeOf(planChange(membership, promote(5)))).toBe(ErrorCode.MEMBER_NOT_FOUND);
  });

  test('who is removed is gone for ever, its folder and its id with it', () => {
    const { membership } = done(planChange(first(3), remove(2)));
    expect(membership).toMatchObject({ removedNonces: [nonceOf(2)], nextMemberId: 4 });
    expect(membership.members.map(({ id }) => id)).toEqual([1, 3]);
    expect(isRemoved(membership, 2)).toBe(true);
    expect(isRemoved(membership, 4)).toBe(false);
    expect(codeOf(planChange(membership, remove(2)))).toBe(ErrorCode.MEMBER_NOT_FOUND);
    expect(codeOf(planChange(membership, add(2)))).toBe(ErrorCode.FOLDER_REMOVED);
    // Its addresses are free again.
    expect(done(planChange(membership, add(2, { nonce: nonceOf(77) }))).memberId).toBe(4);
  });

  test('the only voter stays', () => {
    expect(codeOf(planChange(first(1), remove(1)))).toBe(ErrorCode.LAST_VOTER);
    const grown = done(planChange(first(1), add(9))).membership;
    expect(codeOf(planChange(grown, remove(1)))).toBe(ErrorCode.LAST_VOTER);
    expect(done(planChange(grown, remove(2))).membership.confState.learners).toEqual([]);
  });

  test('a voter is replaced by joint consensus: it has its say until the joint configuration is left', () => {
    const grown = done(planChange(first(3), add(9))).membership;
    const { core, membership: joint } = done(planChange(grown, replace(4, 2)));
    expect(core).toEqual({ kind: 'replace', promoted: 4, removed: 2 });
    expect(joint.confState).toEqual({
      voters: [1, 3, 4],
      votersOutgoing: [1, 2, 3],
      learners: [],
      learnersNext: [],
      autoLeave: true,
    });
    expect(joint.members.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    for (const change of [add(8), promote(4), remove(1), replace(4, 2)]) {
      expect(codeOf(planChange(joint, change))).toBe(ErrorCode.MEMBERSHIP_BUSY);
    }
    const left = leaveJoint(joint)!.membership;
    expect(left.confState).toMatchObject({ voters: [1, 3, 4], votersOutgoing: [], autoLeave: false });
    expect(left.members.map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(left.removedNonces).toEqual([nonceOf(2)]);
    expect(leaveJoint(left)).toBeUndefined();
    // Asked again, it is done.
    expect(done(planChange(left, replace(4, 2))).core).toBeUndefined();
  });

  test('only a voter is replaced, and only by a learner', () => {
    const grown = done(planChange(first(3), add(9))).membership;
    expect(codeOf(planChange(grown, replace(1, 2)))).toBe(ErrorCode.NOT_A_VOTER);
    expect(codeOf(planChange(grown, replace(4, 4)))).toBe(ErrorCode.NOT_A_VOTER);
    expect(codeOf(planChange(grown, replace(4, 7)))).toBe(ErrorCode.MEMBER_NOT_FOUND);
    expect(codeOf(planChange(grown, replace(7, 2)))).toBe(ErrorCode.MEMBER_NOT_FOUND);
  });

  test('more members than fit are refused', () => {
    let membership = first(3);
    for (let n = 0; n < 12; n++) membership = done(planChange(membership, add(100 + n))).membership;
    expect(codeOf(planChange(membership, add(200)))).toBe(ErrorCode.TOO_LARGE);
  });
});

/** Any two groups that can decide, one by each configuration, share a member. */
function overlap(one: Membership, other: Membership): boolean {
  const ids = [...new Set([...deciders(one), ...deciders(other)])];
  for (let a = 0; a < 2 ** ids.length; a++) {
    const group = ids.filter((_, bit) => (a >> bit) & 1);
    const rest = ids.filter((id) => !group.includes(id));
    if (decides(one, group) && decides(other, rest)) return false;
  }
  return true;
}

function deciders({ confState }: Membership): number[] {
  return [...confState.voters, ...confState.votersOutgoing];
}

function decides({ confState }: Membership, group: readonly number[]): boolean {
  const half = (ids: readonly number[]): boolean =>
    ids.length === 0 || ids.filter((id) => group.includes(id)).length > ids.length / 2;
  return half(confState.voters) && half(confState.votersOutgoing);
}

const anyChange = fc.oneof(
  fc.record({ kind: fc.constant('add'), a: fc.nat(12), b: fc.nat(12) }),
  fc.record({ kind: fc.constantFrom('promote', 'remove', 'replace', 'leave'), a: fc.nat(10), b: fc.nat(10) }),
);

test('a learner that is asked for again while two members change places is answered the same', () => {
  const grown = done(planChange(first(2), add(3))).membership;
  const joint = done(planChange(grown, replace(3, 1))).membership;
  expect(planChange(joint, add(2))).toEqual({ memberId: 2, core: undefined, membership: joint });
});

test('whatever is asked in whatever order: ids are never reused, and successive quorums overlap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(anyChange, { maxLength: 30 }), (size, changes) => {
      let membership = first(size);
      const given = new Map(membership.members.map(({ id, nonce }) => [id, nonce]));
      for (const { kind, a, b } of changes) {
        const plan =
          kind === 'leave'
            ? leaveJoint(membership)
            : planChange(
                membership,
                kind === 'add'
                  ? add(a, { peerAddress: `p${b}:1` })
                  : kind === 'promote'
                    ? promote(a)
                    : kind === 'remove'
                      ? remove(a)
                      : replace(a, b),
              );
        if (plan === undefined || 'error' in plan) continue;
        const next = decodeMembership(encodeMembership(plan.membership));
        expect(overlap(membership, next)).toBe(true);
        expect(next.nextMemberId).toBeGreaterThanOrEqual(membership.nextMemberId);
        for (const { id, nonce } of next.members) {
          expect(given.get(id) ?? nonce).toBe(nonce);
          given.set(id, nonce);
          expect(next.removedNonces).not.toContain(nonce);
        }
        // An id that was gone stays gone, and its nonce is refused.
        for (const [id, nonce] of given) {
          if (isRemoved(membership, id)) expect(isRemoved(next, id)).toBe(true);
          if (isRemoved(next, id)) expect(next.removedNonces).toContain(nonce);
        }
        expect(next.confState.voters.length).toBeGreaterThan(0);
        const roles = [
          ...next.confState.voters,
          ...next.confState.votersOutgoing,
          ...next.confState.learners,
        ];
        expect(new Set(roles)).toEqual(new Set(next.members.map(({ id }) => id)));
        const addresses = next.members.flatMap((m) => [m.peerAddress, m.clientAddress, m.metricsAddress]);
        expect(new Set(addresses).size).toBe(addresses.length);
        // What is as asked already is answered while a joint configuration lasts, too; nothing else is done then but leaving it.
        if (plan.core === undefined) expect(plan.membership).toBe(membership);
        else if (isJoint(membership.confState)) expect(plan.core.kind).toBe('leave');
        membership = next;
      }
    }),
    { numRuns: 300 },
  );
});
