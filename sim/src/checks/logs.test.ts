import type { SimulatedMember, StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { committed, member, reports } from './check-fixture.js';
import type { History } from './history.js';
import { LogCheck } from './logs.js';
import type { MembershipCheck } from './membership.js';

function logs(members: readonly SimulatedMember[], history: readonly number[] = []) {
  const { report, broken } = reports();
  const quorums = [[1, 2, 3]];
  const check = new LogCheck(
    report,
    members,
    () =>
      ({
        last: history.length,
        at: (index: number) => ({ term: history[index - 1], member: 1 }),
      }) as unknown as History,
    () => ({ inForce: () => ({ now: quorums, before: quorums, since: 0 }) }) as unknown as MembershipCheck,
  );
  for (const { id, life } of members) check.opened(id, life!);
  return { check, broken };
}

const state = {} as StateMachine;

test('what is committed is on the disks of a majority, with the same term', () => {
  const { check, broken } = logs([member(1, [1, 1]), member(2, [1, 1]), member(3, [1])]);
  (check.committed as (entry: unknown, of: StateMachine) => void).call(
    check,
    committed({ index: 2, term: 1 }),
    state,
  );
  expect(broken).toEqual([]);
  const other = logs([member(1, [1, 1]), member(2, [1, 2]), member(3, [1, 1], { onDisk: 1 })]);
  (other.check.committed as (entry: unknown, of: StateMachine) => void).call(
    other.check,
    committed({ index: 2, term: 1 }),
    state,
  );
  expect(other.broken).toEqual(['committed means durable on a quorum']);
});

test('logs that agree about an index agree about all before it', () => {
  const fine = logs([member(1, [1, 1, 3]), member(2, [1, 1, 2])]);
  fine.check.full();
  expect(fine.broken).toEqual([]);
  const { check, broken } = logs([member(1, [1, 1, 3]), member(2, [1, 2, 3])]);
  check.full();
  expect(broken).toEqual(['log matching']);
});

test('what a member has applied is in its log as it was applied first', () => {
  const { check, broken } = logs([member(2, [1, 2], { applied: 2 })], [1, 1]);
  check.full();
  expect(broken).toEqual(['log matching']);
});
