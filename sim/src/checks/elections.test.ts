import { MessageType, type SimulatedMember, StateType } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { member, parcel, reports } from './check-fixture.js';
import { ElectionCheck } from './elections.js';
import type { History } from './history.js';

function elections(members: readonly SimulatedMember[], terms: readonly number[] = []) {
  const { report, broken } = reports();
  const history = { last: terms.length, at: (index: number) => ({ term: terms[index - 1] }) };
  let nowMs = 0;
  const check = new ElectionCheck(report, members, history as unknown as History, () => nowMs);
  const grant = (from: number, to: number, term: number): void =>
    check.arriving(parcel(from, to, { type: MessageType.MsgPreVoteResp, term }));
  return { check, broken, grant, pass: (ms: number) => (nowMs += ms) };
}

const three = [1, 2, 3].map((id) => member(id, []));

test('two leaders of one term are seen', () => {
  const { check, broken } = elections(three);
  check.roleChanged(1, StateType.Leader, 1);
  check.roleChanged(2, StateType.Leader, 2);
  expect(broken).toEqual([]);
  check.roleChanged(3, StateType.Leader, 2);
  expect(broken).toEqual(['one leader a term']);
});

test('a leader that lacks what was committed in an earlier term is seen', () => {
  const { check, broken } = elections([member(1, [1, 1]), member(2, [1]), member(3, [1, 1])], [1, 1]);
  check.commits(2, 1);
  check.roleChanged(3, StateType.Leader, 2);
  expect(broken).toEqual([]);
  check.roleChanged(2, StateType.Leader, 3);
  expect(broken).toEqual(['leader completeness']);
});

test('a term that rises without the pre-votes of a quorum is seen, unless the leader told so', () => {
  const { check, broken, grant } = elections(three);
  grant(2, 1, 5);
  check.roleChanged(1, StateType.Candidate, 5);
  check.arriving(parcel(1, 3, { type: MessageType.MsgTimeoutNow, term: 5 }));
  check.roleChanged(3, StateType.Candidate, 6);
  expect(broken).toEqual([]);
  // What it was granted before its process ended counts for nothing.
  grant(3, 2, 7);
  check.forget(2);
  check.roleChanged(2, StateType.Candidate, 7);
  expect(broken).toEqual(['pre-vote']);
});

test('a leader that goes on without hearing from a quorum is seen', () => {
  const { check, broken, pass } = elections(three);
  check.roleChanged(1, StateType.Leader, 1);
  pass(2600);
  check.arriving(parcel(2, 1, { type: MessageType.MsgHeartbeatResp }));
  pass(200);
  check.full();
  expect(broken).toEqual([]);
  pass(2700);
  check.full();
  expect(broken).toEqual(['check-quorum']);
});
