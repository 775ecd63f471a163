import { describe, expect, test } from '@jest/globals';
import { message, MessageType, StateType, type Entry, type Message } from './index.js';
import { bytes, Group } from './testing/group.js';

// One test for each claim of the paper "In Search of an Understandable Consensus Algorithm (Extended Version)".

function entry(term: number, index: number, text = ''): Entry {
  return { term, index, type: 0, data: bytes(text) };
}

/** Gives replica `id` a log of entries with these terms, after index 2, and the term of the last one. */
function withLog(group: Group, id: number, terms: number[]): void {
  const replica = group.at(id);
  replica.disk.append(terms.map((term, i) => entry(term, 3 + i)));
  replica.disk.setHardState({ term: terms.at(-1) ?? 1, vote: 0, commit: 2 });
  replica.crash();
}

function status(group: Group, id: number) {
  return group.at(id).raft.basicStatus();
}

/** What `id` sends while it works. */
function sent(group: Group, id: number): Message[] {
  group.network.length = 0;
  group.at(id).work();
  return group.network.splice(0);
}

describe('§5.1 terms', () => {
  test('a replica that sees a later term adopts it and becomes follower', () => {
    for (const role of ['follower', 'candidate', 'leader']) {
      const group = Group.of(3);
      const node = group.at(1).raft;
      if (role === 'candidate') node.campaign();
      if (role === 'leader') group.elect(1);
      node.step(message({ type: MessageType.MsgApp, from: 2, to: 1, term: 9, index: 2, logTerm: 1 }));
      expect(node.basicStatus()).toMatchObject({ term: 9, state: StateType.Follower, lead: 2 });
    }
  });

  test('a message of an earlier term is ignored', () => {
    const group = Group.of(3);
    group.elect(1);
    group.elect(3);
    const before = status(group, 2);
    const m = message({ type: MessageType.MsgApp, from: 1, to: 2, term: 1, index: 3, logTerm: 1 });
    group.at(2).raft.step({ ...m, entries: [entry(1, 4)], commit: 4 });
    expect(status(group, 2)).toEqual(before);
  });

  test('the term never falls, not even over a crash', () => {
    const group = Group.of(3);
    group.elect(1);
    group.elect(2);
    expect(status(group, 3).term).toBe(2);
    group.at(3).crash();
    expect(status(group, 3).term).toBe(2);
  });
});

describe('§5.2 leader election', () => {
  test('replicas begin as followers', () => {
    expect(Group.of(3).replicas.map(({ id }) => status(Group.of(3), id).state)).toEqual([0, 0, 0]);
  });

  test('a leader sends heartbeats to all others every heartbeat timeout', () => {
    const group = Group.of(3, { heartbeatTick: 2 });
    group.elect(1);
    group.tick(1);
    expect(sent(group, 1)).toEqual([]);
    group.tick(1);
    expect(sent(group, 1).map(({ type, to }) => [type, to])).toEqual([
      [MessageType.MsgHeartbeat, 2],
      [MessageType.MsgHeartbeat, 3],
    ]);
  });

  test('a follower that hears nothing within its timeout raises the term, votes for itself and asks all others', () => {
    const group = Group.of(3);
    group.at(1).raft.setRandomizedElectionTimeout(14);
    group.tick(1, 13);
    expect(status(group, 1).state).toBe(StateType.Follower);
    group.tick(1);
    expect(status(group, 1)).toMatchObject({ state: StateType.Candidate, term: 1, vote: 1, lead: 0 });
    expect(sent(group, 1).map(({ type, to, term }) => [type, to, term])).toEqual([
      [MessageType.MsgVote, 2, 1],
      [MessageType.MsgVote, 3, 1],
    ]);
  });

  test('a candidate that is not decided starts a new election in a new term', () => {
    const group = Group.of(3);
    group.tick(1, 10);
    group.at(1).work();
    group.tick(1, 10);
    expect(status(group, 1)).toMatchObject({ state: StateType.Candidate, term: 2 });
  });

  test('a candidate with votes of a majority leads, with refusals of a majority follows, else waits', () => {
    const cases: [size: number, granted: number, refused: number, state: StateType][] = [
      [1, 0, 0, StateType.Leader],
      [3, 1, 0, StateType.Leader],
      [3, 0, 2, StateType.Follower],
      [3, 0, 1, StateType.Candidate],
      [5, 2, 0, StateType.Leader],
      [5, 1, 2, StateType.Candidate],
      [5, 1, 3, StateType.Follower],
      [4, 1, 1, StateType.Candidate],
      [4, 1, 2, StateType.Follower],
    ];
    for (const [size, granted, refused, state] of cases) {
      const group = Group.of(size);
      const node = group.at(1).raft;
      node.campaign();
      group.at(1).work();
      for (let i = 0; i < granted + refused; i++) {
        node.step(
          message({ type: MessageType.MsgVoteResp, from: 2 + i, to: 1, term: 1, reject: i >= granted }),
        );
      }
      expect([size, granted, refused, node.basicStatus().state]).toEqual([size, granted, refused, state]);
    }
  });

  test('a replica votes for one candidate a term, first come, first served, even over a crash', () => {
    const group = Group.of(3);
    const ask = (from: number) =>
      group
        .at(1)
        .raft.step(message({ type: MessageType.MsgVote, from, to: 1, term: 1, index: 2, logTerm: 1 }));
    ask(2);
    expect(sent(group, 1)).toMatchObject([{ to: 2, reject: false }]);
    ask(3);
    expect(sent(group, 1)).toMatchObject([{ to: 3, reject: true }]);
    group.at(1).crash();
    ask(3);
    expect(sent(group, 1)).toMatchObject([{ to: 3, reject: true }]);
    ask(2);
    expect(sent(group, 1)).toMatchObject([{ to: 2, reject: false }]);
  });

  test('a candidate that hears from a leader of its term follows it', () => {
    const group = Group.of(3);
    group.at(1).raft.campaign();
    group.at(1).raft.step(message({ type: MessageType.MsgHeartbeat, from: 2, to: 1, term: 1 }));
    expect(status(group, 1)).toMatchObject({ state: StateType.Follower, lead: 2, term: 1 });
  });

  test('election timeouts are drawn anew from [t, 2t) for each election', () => {
    const draws = [0, 3, 9, 5, 1];
    const group = Group.of(1, { electionTick: 10, randomInt: () => draws.shift() ?? 0 });
    expect(group.at(1).raft.randomizedElectionTimeout).toBe(10);
    group.at(1).raft.step(message({ type: MessageType.MsgHeartbeat, from: 2, to: 1, term: 5 }));
    expect(group.at(1).raft.randomizedElectionTimeout).toBe(13);
    group.at(1).raft.step(message({ type: MessageType.MsgHeartbeat, from: 2, to: 1, term: 6 }));
    expect(group.at(1).raft.randomizedElectionTimeout).toBe(19);
  });
});

describe('§5.3 log replication', () => {
  test('a leader appends a proposal and sends it to all others in parallel', () => {
    const group = Group.of(3);
    group.elect(1);
    group.at(1).raft.propose(bytes('x'));
    const messages = sent(group, 1);
    expect(messages.map(({ type, to, index, logTerm }) => [type, to, index, logTerm])).toEqual([
      [MessageType.MsgApp, 2, 3, 1],
      [MessageType.MsgApp, 3, 3, 1],
    ]);
    expect(messages[0]!.entries).toEqual([entry(1, 4, 'x')]);
  });

  test('an entry is committed once a majority holds it, the leader counting only its own disk', () => {
    const group = Group.of(3, { asyncStorageWrites: true });
    group.elect(1);
    const leader = group.at(1);
    leader.raft.propose(bytes('x'));
    leader.handleReady();
    const [toTwo] = group.network.splice(0);
    group.at(2).raft.step(toTwo!);
    group.at(2).work();
    leader.raft.step(group.network.splice(0)[0]!);
    expect(status(group, 1).commit).toBe(3);
    leader.appendOnce();
    expect(status(group, 1).commit).toBe(4);
  });

  test('followers learn of the commit and apply in log order', () => {
    const group = Group.of(3);
    group.elect(1);
    for (const text of ['a', 'b', 'c']) group.at(1).raft.propose(bytes(text));
    group.settle();
    const [one, two, three] = group.replicas.map(({ state }) => state);
    expect(one!.index).toBe(6);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  test('a follower refuses an append whose previous entry it lacks or holds with another term', () => {
    const cases: [logTerm: number, index: number, index2: number, reject: boolean, hint: number][] = [
      [1, 2, 2, false, 0],
      [2, 3, 3, false, 0],
      [3, 4, 4, true, 3],
      [3, 9, 9, true, 3],
    ];
    for (const [logTerm, index, ackOrProbe, reject, hint] of cases) {
      const group = Group.of(3);
      withLog(group, 1, [2]);
      group.at(1).raft.step(message({ type: MessageType.MsgApp, from: 2, to: 1, term: 3, logTerm, index }));
      expect(sent(group, 1)).toMatchObject([{ index: ackOrProbe, reject, rejectHint: hint }]);
    }
  });

  test('a follower deletes what conflicts and everything after it, and keeps what does not', () => {
    const cases: [index: number, logTerm: number, add: number[], want: number[]][] = [
      [4, 2, [3], [1, 2, 3]],
      [3, 1, [3, 4], [1, 3, 4]],
      [2, 1, [1], [1, 2]],
      [2, 1, [3], [3]],
    ];
    for (const [index, logTerm, add, want] of cases) {
      const group = Group.of(3);
      withLog(group, 1, [1, 2]);
      const entries = add.map((term, i) => entry(term, index + 1 + i));
      group
        .at(1)
        .raft.step(message({ type: MessageType.MsgApp, from: 2, to: 1, term: 4, logTerm, index, entries }));
      group.at(1).work();
      const { disk } = group.at(1);
      expect(disk.entries(3, disk.lastIndex() + 1, Infinity).map(({ term }) => term)).toEqual(want);
    }
  });

  test('figure 7: a leader makes every log like its own', () => {
    const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    const followers = [
      [1, 1, 1, 4, 4, 5, 5, 6, 6],
      [1, 1, 1, 4],
      [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
      [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
      [1, 1, 1, 4, 4, 4, 4],
      [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    for (const log of followers) {
      const group = Group.of(3);
      withLog(group, 1, leader);
      withLog(group, 2, log);
      withLog(group, 3, leader);
      group.at(1).disk.setHardState({ term: 7, vote: 0, commit: 2 });
      group.at(1).crash();
      group.elect(1);
      expect(status(group, 1).state).toBe(StateType.Leader);
      group.tick(1);
      group.settle();
      const { disk } = group.at(2);
      expect(disk.entries(3, disk.lastIndex() + 1, Infinity).map(({ term }) => term)).toEqual([...leader, 8]);
    }
  });

  test('repairing a log takes at most one probe for each term, not one for each entry', () => {
    const group = Group.of(2);
    withLog(group, 1, [1, ...Array.from({ length: 40 }, () => 3)]);
    withLog(group, 2, [1, ...Array.from({ length: 40 }, () => 2)]);
    group.at(1).disk.setHardState({ term: 3, vote: 0, commit: 2 });
    group.at(1).crash();
    let refusals = 0;
    group.drop = (m) => {
      if (m.type === MessageType.MsgAppResp && m.reject) refusals++;
      return false;
    };
    group.elect(1);
    expect(status(group, 2).commit).toBe(44);
    expect(refusals).toBeLessThanOrEqual(2);
  });
});

describe('§5.4 safety', () => {
  test('§5.4.1 a vote goes only to a log that is at least as up to date', () => {
    const cases: [own: number[], index: number, logTerm: number, granted: boolean][] = [
      [[1], 3, 1, true],
      [[1], 4, 1, true],
      [[1, 1], 3, 1, false],
      [[1], 3, 2, true],
      [[1, 1], 3, 2, true],
      [[2], 3, 1, false],
      [[2], 9, 1, false],
      [[1, 2], 4, 2, true],
    ];
    for (const [own, index, logTerm, granted] of cases) {
      const group = Group.of(2);
      withLog(group, 1, own);
      group.at(1).raft.step(message({ type: MessageType.MsgVote, from: 2, to: 1, term: 3, index, logTerm }));
      expect(sent(group, 1)).toMatchObject([{ type: MessageType.MsgVoteResp, reject: !granted }]);
    }
  });

  test('§5.4.2 a leader commits entries of older terms only by counting one of its own term', () => {
    for (const [acknowledged, commit] of [
      [3, 2],
      [4, 2],
      [5, 5],
    ]) {
      const group = Group.of(3);
      withLog(group, 1, [1, 2]);
      withLog(group, 2, [1, 2]);
      group.drop = ({ type, from, to }) =>
        from === 3 || to === 3 || (type === MessageType.MsgApp && to === 2);
      group.elect(1);
      expect(status(group, 1)).toMatchObject({ state: StateType.Leader, term: 3, lastIndex: 5 });
      const ack = message({ type: MessageType.MsgAppResp, from: 2, to: 1, term: 3, index: acknowledged! });
      group.at(1).raft.step(ack);
      expect(status(group, 1).commit).toBe(commit);
    }
  });

  test('§5.4.3 a leader holds every entry that was committed', () => {
    const group = Group.of(5);
    group.elect(1);
    group.isolate(4, 5);
    group.at(1).raft.propose(bytes('kept'));
    group.settle();
    expect(status(group, 1).commit).toBe(4);
    group.isolate();
    for (const id of [4, 5]) {
      group.elect(id);
      expect(group.state(id)).not.toBe(StateType.Leader);
    }
    group.elect(2);
    expect(group.leaders()).toEqual([2]);
    expect(group.at(5).state).toEqual(group.at(2).state);
  });
});

describe('§8 clients', () => {
  test('a leader commits an empty entry at the start of its term', () => {
    const group = Group.of(3);
    group.elect(1);
    expect(group.at(1).disk.entries(3, 4, Infinity)).toEqual([entry(1, 3)]);
    expect(status(group, 1).commit).toBe(3);
  });
});
