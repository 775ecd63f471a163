import { MessageType, type SimulatedMember } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { member, parcel, reports } from './check-fixture.js';
import type { History } from './history.js';
import { PromiseCheck } from './promises.js';

function promises(members: readonly SimulatedMember[], appliedTo = 0) {
  const { report, broken } = reports();
  const check = new PromiseCheck(report, members, { last: appliedTo } as History);
  const ask = (from: number, to: number, term: number, logTerm: number, index: number): void =>
    check.arriving(parcel(from, to, { type: MessageType.MsgVote, term, logTerm, index }));
  const say = (from: number, to: number, fields: Parameters<typeof parcel>[2]): void =>
    check.leaving(parcel(from, to, fields));
  return { ask, say, broken };
}

const vote = { type: MessageType.MsgVoteResp, term: 2 };
const votedFor1 = { hardState: { term: 2, vote: 1, commit: 0 } };

test('a vote on disk, for a log as good, is no violation; nor is it said twice', () => {
  const { ask, say, broken } = promises([member(2, [1, 1], votedFor1)]);
  ask(1, 2, 2, 1, 2);
  say(2, 1, vote);
  say(2, 1, vote);
  expect(broken).toEqual([]);
});

test('a vote that is not on disk is seen', () => {
  const { ask, say, broken } = promises([
    member(2, [1], { hardState: { term: 2, vote: 0, commit: 0 } }),
    member(3, [1], { hardState: { term: 1, vote: 1, commit: 0 } }),
  ]);
  for (const voter of [2, 3]) {
    ask(1, voter, 2, 1, 1);
    say(voter, 1, vote);
  }
  expect(broken).toEqual(['votes are on disk', 'votes are on disk']);
});

test('two votes in one term are seen, also when the disk holds the second', () => {
  const members = [member(2, [1], votedFor1)];
  const { ask, say, broken } = promises(members);
  ask(1, 2, 2, 1, 1);
  say(2, 1, vote);
  members[0] = member(2, [1], { hardState: { term: 2, vote: 3, commit: 0 } });
  ask(3, 2, 2, 1, 1);
  say(2, 3, vote);
  expect(broken).toEqual(['one vote a term']);
});

test('a vote for a log that is shorter, or ends in an older term, is seen', () => {
  const { ask, say, broken } = promises([member(2, [1, 1], votedFor1), member(3, [1, 2], votedFor1)]);
  ask(1, 2, 2, 1, 1);
  say(2, 1, vote);
  ask(1, 3, 2, 1, 9);
  say(3, 1, vote);
  expect(broken).toEqual(['votes go to logs that are as good', 'votes go to logs that are as good']);
});

test('entries that are acknowledged before they are on disk are seen', () => {
  const { say, broken } = promises([
    member(2, [1, 1, 1], { onDisk: 2, hardState: { term: 1, vote: 0, commit: 0 } }),
  ]);
  say(2, 1, { type: MessageType.MsgAppResp, term: 1, index: 2 });
  say(2, 1, { type: MessageType.MsgAppResp, term: 1, index: 3, reject: true });
  expect(broken).toEqual([]);
  say(2, 1, { type: MessageType.MsgAppResp, term: 1, index: 3 });
  expect(broken).toEqual(['acknowledged entries are on disk']);
});

test('an entry of an older term is announced as committed only with one of the own term, or if it was before', () => {
  const { say, broken } = promises([member(1, [1, 1, 2, 4])], 1);
  const append = { type: MessageType.MsgApp, term: 4 };
  say(1, 2, { ...append, commit: 1 });
  expect(broken).toEqual([]);
  say(1, 2, { ...append, commit: 3 });
  expect(broken).toEqual(['older terms are not committed by counting']);
  say(1, 2, { ...append, commit: 4 });
  say(1, 3, { ...append, type: MessageType.MsgHeartbeat, commit: 3 });
  expect(broken).toHaveLength(1);
});
