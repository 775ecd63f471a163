import { describe, expect, test } from '@jest/globals';
import {
  ConfChangeTransition,
  ConfChangeType,
  isRaftError,
  message,
  MessageType,
  ProgressState,
  ReadOnlyOption,
  StateType,
} from './index.js';
import { bytes, firstSnapshot, Group } from './testing/group.js';
import type { ReadState } from './index.js';

// Claims of Ongaro's thesis "Consensus: Bridging Theory and Practice" that go beyond the paper.

function status(group: Group, id: number) {
  return group.at(id).raft.basicStatus();
}

const addVoter = (nodeId: number) => ({ type: ConfChangeType.AddNode, nodeId });
const addLearner = (nodeId: number) => ({ type: ConfChangeType.AddLearnerNode, nodeId });
const removeVoter = (nodeId: number) => ({ type: ConfChangeType.RemoveNode, nodeId });

describe('§3.8 persisted state', () => {
  test('with async storage writes a vote leaves only after it is on disk', () => {
    const group = Group.of(3, { asyncStorageWrites: true });
    const voter = group.at(2);
    voter.raft.step(message({ type: MessageType.MsgVote, from: 1, to: 2, term: 1, index: 2, logTerm: 1 }));
    voter.handleReady();
    expect(group.network).toEqual([]);
    voter.appendOnce();
    expect(voter.disk.initialState().hardState.vote).toBe(1);
    expect(group.network).toMatchObject([{ type: MessageType.MsgVoteResp, to: 1, reject: false }]);
  });
});

describe('§3.10 leadership transfer', () => {
  test('the target is brought up to date, campaigns at once and wins although all hear the old leader', () => {
    const group = Group.of(3, { checkQuorum: true, preVote: true });
    group.elect(1);
    group.isolate(3);
    group.at(1).raft.propose(bytes('x'));
    group.settle();
    group.isolate();
    group.at(1).raft.transferLeader(3);
    group.tick(1);
    group.settle();
    expect(group.leaders()).toEqual([3]);
  });

  test('proposals are dropped meanwhile, and taken again after an election timeout', () => {
    const group = Group.of(3);
    group.elect(1);
    group.isolate(3);
    group.at(1).raft.transferLeader(3);
    expect(isRaftError(group.at(1).raft.propose(bytes('x')), 'PROPOSAL_DROPPED')).toBe(true);
    group.tick(1, 9);
    expect(status(group, 1).leadTransferee).toBe(3);
    group.tick(1);
    expect(status(group, 1).leadTransferee).toBe(0);
    expect(group.at(1).raft.propose(bytes('x'))).toBeUndefined();
  });

  test('neither a learner nor a stranger is handed leadership, and a request at a follower is passed on', () => {
    const group = new Group(firstSnapshot([1, 2], [3]), 3);
    group.elect(1);
    for (const id of [3, 9]) {
      group.at(1).raft.transferLeader(id);
      expect(status(group, 1).leadTransferee).toBe(0);
    }
    group.at(2).raft.transferLeader(2);
    group.settle();
    expect(group.leaders()).toEqual([2]);
  });
});

describe('§4 membership changes', () => {
  test('§4.1 one change at a time: a second one becomes an empty entry', () => {
    const group = Group.of(3);
    group.elect(1);
    const { raft, disk } = group.at(1);
    raft.proposeConfChange(removeVoter(3));
    raft.proposeConfChange(removeVoter(2));
    group.at(1).work();
    expect(disk.entries(4, 6, Infinity).map(({ type }) => type)).toEqual([1, 0]);
    group.settle();
    expect(raft.status().config.voters.incoming).toEqual([1, 2]);
  });

  test('§4.2.1 a learner receives the log but its acknowledgements do not commit, nor does it campaign', () => {
    const group = new Group(firstSnapshot([1, 2], [3]), 3);
    group.elect(1);
    group.isolate(2);
    group.at(1).raft.propose(bytes('x'));
    group.settle();
    expect(status(group, 3).lastIndex).toBe(4);
    expect(status(group, 1).commit).toBe(3);
    group.tick(3, 100);
    expect(group.state(3)).toBe(StateType.Follower);
  });

  test('§4.2.2 a leader that is removed steps down when the change is applied, if told so', () => {
    for (const stepDownOnRemoval of [true, false]) {
      const group = Group.of(3, { stepDownOnRemoval });
      group.elect(1);
      group.at(1).raft.proposeConfChange(removeVoter(1));
      group.settle();
      expect(group.state(1)).toBe(stepDownOnRemoval ? StateType.Follower : StateType.Leader);
      expect(isRaftError(group.at(1).raft.propose(bytes('x')), 'PROPOSAL_DROPPED')).toBe(true);
    }
  });

  test('§4.2.3 with check-quorum a member that is cut off or removed cannot depose a leader that works', () => {
    const group = Group.of(3, { checkQuorum: true });
    group.elect(1);
    group
      .at(2)
      .raft.step(message({ type: MessageType.MsgVote, from: 3, to: 2, term: 7, index: 9, logTerm: 6 }));
    expect(status(group, 2)).toMatchObject({ term: 1, lead: 1 });
    group.at(2).raft.setRandomizedElectionTimeout(19);
    group.tick(2, 10);
    group
      .at(2)
      .raft.step(message({ type: MessageType.MsgVote, from: 3, to: 2, term: 7, index: 9, logTerm: 6 }));
    expect(status(group, 2)).toMatchObject({ term: 7, vote: 3 });
  });

  test('§4.3 in a joint configuration elections and commits need both majorities', () => {
    const change = {
      transition: ConfChangeTransition.JointExplicit,
      changes: [addVoter(4), addVoter(5), removeVoter(3)],
    };
    // 1, 4, 5 are a majority of the new voters only; 1, 2, 3 of the old ones only; without 5, both.
    for (const [away, decided] of [
      [[2, 3], false],
      [[4, 5], false],
      [[5], true],
    ] as const) {
      const group = new Group(firstSnapshot([1, 2, 3]), 5);
      group.elect(1);
      group.at(1).raft.proposeConfChange(change);
      group.settle();
      const { voters } = group.at(1).raft.status().config;
      expect(voters).toEqual({ incoming: [1, 2, 4, 5], outgoing: [1, 2, 3] });
      const before = status(group, 1).commit;
      group.isolate(...away);
      group.at(1).raft.propose(bytes('x'));
      group.settle();
      expect(status(group, 1).commit > before).toBe(decided);
      group.at(1).crash();
      group.elect(1);
      expect(group.state(1) === StateType.Leader).toBe(decided);
    }
  });

  test('§4.3 a joint configuration is left automatically or on request', () => {
    for (const transition of [ConfChangeTransition.JointImplicit, ConfChangeTransition.JointExplicit]) {
      const group = Group.of(3);
      group.elect(1);
      const { raft } = group.at(1);
      raft.proposeConfChange({ transition, changes: [addLearner(3)] });
      group.settle();
      const explicit = transition === ConfChangeTransition.JointExplicit;
      expect(raft.status().config).toMatchObject(
        explicit ? { learners: [], learnersNext: [3] } : { learners: [3], learnersNext: [] },
      );
      raft.proposeConfChange({ transition: ConfChangeTransition.Auto, changes: [] });
      group.settle();
      expect(raft.status().config.learners).toEqual([3]);
    }
  });

  test('a replica does not campaign while a committed membership change is not applied', () => {
    const group = Group.of(3, { asyncStorageWrites: true });
    group.elect(1);
    group.at(1).raft.proposeConfChange(removeVoter(3));
    group.at(1).work();
    const two = group.at(2);
    for (const m of group.network.splice(0).filter(({ to }) => to === 2)) two.raft.step(m);
    two.handleReady();
    two.appendOnce();
    two.raft.step(message({ type: MessageType.MsgHeartbeat, from: 1, to: 2, term: 1, commit: 4 }));
    two.raft.campaign();
    expect(group.state(2)).toBe(StateType.Follower);
    two.work();
    two.raft.campaign();
    expect(group.state(2)).toBe(StateType.Candidate);
  });
});

describe('§6.2 check-quorum', () => {
  test('a leader that no quorum answers within an election timeout steps down', () => {
    const group = Group.of(3, { checkQuorum: true });
    group.elect(1);
    group.isolate(1);
    group.tick(1, 10);
    expect(group.state(1)).toBe(StateType.Leader);
    group.tick(1, 10);
    expect(status(group, 1)).toMatchObject({ state: StateType.Follower, lead: 0, term: 1 });
  });

  test('one that a quorum answers goes on', () => {
    const group = Group.of(3, { checkQuorum: true });
    group.elect(1);
    group.isolate(3);
    for (let i = 0; i < 50; i++) {
      group.tick(1);
      group.settle();
    }
    expect(group.state(1)).toBe(StateType.Leader);
  });
});

describe('§6.4 linearizable reads', () => {
  function reading(option: ReadOnlyOption = ReadOnlyOption.Safe): { group: Group; reads: ReadState[] } {
    const reads: ReadState[] = [];
    const observer = { onRead: (_: unknown, read: ReadState) => reads.push(read) };
    const config = { readOnlyOption: option, checkQuorum: option === ReadOnlyOption.LeaseBased };
    return { group: new Group(firstSnapshot([1, 2, 3]), 3, config, observer), reads };
  }

  test('a read is answered with the commit index after a quorum confirmed the leader, at a follower too', () => {
    for (const at of [1, 2]) {
      const { group, reads } = reading();
      group.elect(1);
      group.at(at).raft.readIndex(bytes('r'));
      group.settle();
      expect(reads).toEqual([{ index: 3, context: bytes('r') }]);
    }
  });

  test('a leader that was deposed without knowing answers no read', () => {
    const { group, reads } = reading();
    group.elect(1);
    group.isolate(1);
    group.elect(2);
    group.at(1).raft.readIndex(bytes('stale'));
    group.settle();
    group.tick(1, 3);
    group.settle();
    expect(reads).toEqual([]);
    expect(group.leaders()).toEqual([1, 2]);
  });

  test('a read does not join a round whose heartbeats left before it came', () => {
    const { group, reads } = reading();
    group.elect(1);
    const { raft } = group.at(1);
    raft.readIndex(bytes('first'));
    group.at(1).work();
    const early = group.network.splice(0).filter(({ to }) => to === 2);
    raft.readIndex(bytes('second'));
    group.at(1).work();
    group.network.length = 0;
    for (const m of early) group.at(2).raft.step(m);
    group.at(2).work();
    for (const m of group.network.splice(0)) raft.step(m);
    group.at(1).work();
    expect(reads).toEqual([{ index: 3, context: bytes('first') }]);
  });

  test('one round serves all reads that wait', () => {
    const { group, reads } = reading();
    group.elect(1);
    const { raft } = group.at(1);
    for (const text of ['a', 'b', 'c']) raft.readIndex(bytes(text));
    group.at(1).work();
    const last = group.network
      .splice(0)
      .filter(({ to }) => to === 3)
      .at(-1)!;
    group.at(3).raft.step(last);
    group.at(3).work();
    for (const m of group.network.splice(0)) raft.step(m);
    group.at(1).work();
    expect(reads).toHaveLength(3);
  });

  test('before the first commit of its term a leader keeps reads back', () => {
    const { group, reads } = reading();
    group.elect(1);
    group.drop = ({ type }) => type === MessageType.MsgApp;
    group.elect(2);
    expect(group.state(2)).toBe(StateType.Leader);
    group.at(2).raft.readIndex(bytes('r'));
    group.settle();
    group.tick(2);
    group.settle();
    expect(reads).toEqual([]);
    group.drop = () => false;
    group.tick(2, 2);
    group.settle();
    expect(reads).toEqual([{ index: 4, context: bytes('r') }]);
  });

  test('lease-based reads are answered at once', () => {
    const { group, reads } = reading(ReadOnlyOption.LeaseBased);
    group.elect(1);
    group.isolate(1);
    group.at(1).raft.readIndex(bytes('r'));
    group.at(1).work();
    expect(reads).toEqual([{ index: 3, context: bytes('r') }]);
  });
});

describe('§9.6 pre-vote', () => {
  test('a member that is cut off does not raise its term and disturbs nobody when it returns', () => {
    const group = Group.of(3, { preVote: true });
    group.elect(1);
    group.isolate(3);
    group.tick(3, 100);
    group.settle();
    expect(status(group, 3)).toMatchObject({ term: 1, state: StateType.PreCandidate });
    group.isolate();
    group.tick(1);
    group.settle();
    expect(group.leaders()).toEqual([1]);
    expect(status(group, 3)).toMatchObject({ term: 1, lead: 1 });
  });

  test('granting a pre-vote changes neither term nor vote', () => {
    const group = Group.of(3, { preVote: true });
    const before = status(group, 2);
    group
      .at(2)
      .raft.step(message({ type: MessageType.MsgPreVote, from: 1, to: 2, term: 5, index: 2, logTerm: 1 }));
    group.at(2).work();
    expect(group.network).toMatchObject([{ type: MessageType.MsgPreVoteResp, term: 5, reject: false }]);
    expect(status(group, 2)).toEqual(before);
  });

  test('a pre-candidate with a majority of grants campaigns in the next term', () => {
    const group = Group.of(3, { preVote: true });
    group.elect(2);
    expect(group.leaders()).toEqual([2]);
    expect(status(group, 2).term).toBe(1);
  });
});

describe('forget-leader', () => {
  test('a follower forgets its leader and may grant votes within its lease; lease-based reads forbid it', () => {
    for (const lease of [false, true]) {
      const readOnlyOption = lease ? ReadOnlyOption.LeaseBased : ReadOnlyOption.Safe;
      const group = Group.of(3, { checkQuorum: true, preVote: true, readOnlyOption });
      group.elect(1);
      group.at(3).raft.forgetLeader();
      expect(status(group, 3)).toMatchObject({ lead: lease ? 1 : 0, term: 1 });
      group.isolate(1);
      group.elect(2);
      expect(group.leaders().includes(2)).toBe(!lease);
    }
  });
});

describe('flow control', () => {
  test('a compacted follower gets a snapshot and then the log again', () => {
    const group = Group.of(3);
    group.elect(1);
    group.isolate(3);
    for (const text of ['a', 'b', 'c']) {
      group.at(1).raft.propose(bytes(text));
      group.settle();
    }
    group.at(1).compact();
    group.isolate();
    const seen: MessageType[] = [];
    group.drop = ({ type }) => {
      seen.push(type);
      return false;
    };
    group.tick(1);
    group.settle();
    expect(seen).toContain(MessageType.MsgSnap);
    expect(group.at(3).state).toEqual(group.at(1).state);
    expect(group.at(1).raft.status().progress.get(3)!.state).toBe(ProgressState.Replicate);
  });

  test('a follower that is unreachable is probed instead of flooded', () => {
    const group = Group.of(3);
    group.elect(1);
    group.at(1).raft.reportUnreachable(3);
    const progress = () => group.at(1).raft.status().progress.get(3)!;
    expect(progress().state).toBe(ProgressState.Probe);
    group.isolate(3);
    for (let i = 0; i < 5; i++) group.at(1).raft.propose(bytes('x'));
    group.at(1).work();
    expect(group.network.filter(({ to }) => to === 3)).toHaveLength(1);
    expect(progress().isPaused()).toBe(true);
  });

  test('a message from a stranger or of local kind is refused', () => {
    const { raft } = Group.of(3).at(1);
    const ack = message({ type: MessageType.MsgAppResp, from: 9, to: 1, term: 1 });
    expect(isRaftError(raft.step(ack), 'STEP_PEER_NOT_FOUND')).toBe(true);
    expect(isRaftError(raft.step(message({ type: MessageType.MsgHup, from: 2 })), 'STEP_LOCAL_MESSAGE')).toBe(
      true,
    );
  });

  test('the uncommitted tail is bounded, and free again once applied', () => {
    const group = Group.of(3, { maxUncommittedEntriesSize: 10 });
    group.elect(1);
    const { raft } = group.at(1);
    expect(raft.propose(bytes('more than ten'))).toBeUndefined();
    expect(isRaftError(raft.propose(bytes('x')), 'PROPOSAL_DROPPED')).toBe(true);
    expect(raft.propose(bytes(''))).toBeUndefined();
    group.settle();
    expect(raft.propose(bytes('x'))).toBeUndefined();
  });
});
