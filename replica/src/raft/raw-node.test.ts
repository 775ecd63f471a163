import { describe, expect, test } from '@jest/globals';
import {
  confChangeOf,
  InvariantViolation,
  isRaftError,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  MemoryStorage,
  message,
  MessageType,
  protobufEntrySize,
  RaftError,
  RawNode,
  StateType,
  type Config,
  type Entry,
} from './index.js';
import { bytes, Group } from './testing/group.js';

function entry(term: number, index: number): Entry {
  return { term, index, type: 0, data: bytes('x') };
}

function config(storage: MemoryStorage): Config {
  return {
    id: 1,
    electionTick: 10,
    heartbeatTick: 1,
    storage,
    entrySize: protobufEntrySize,
    randomInt: () => 0,
    maxSizePerMsg: 1000,
    maxInflightMsgs: 10,
  };
}

describe('ready', () => {
  test('carries a change once, and what was handed out does not change any more', () => {
    const group = Group.of(1);
    const { raft } = group.at(1);
    expect(raft.hasReady()).toBe(false);
    raft.campaign();
    const first = raft.ready();
    expect(first).toMatchObject({
      softState: { state: StateType.Candidate },
      hardState: { term: 1, vote: 1 },
      mustSync: true,
    });
    const kept = structuredClone(first);
    raft.advance();
    const second = raft.ready();
    expect(second.entries).toHaveLength(1);
    expect(second.hardState).toBeUndefined();
    group.at(1).disk.append(second.entries);
    raft.advance();
    expect(raft.ready()).toMatchObject({ hardState: { commit: 3 }, mustSync: false });
    raft.advance();
    expect(raft.hasReady()).toBe(false);
    const empty = raft.ready();
    raft.advance();
    raft.transferLeader(9);
    raft.tick();
    expect(empty.messages).toEqual([]);
    expect(structuredClone(first)).toEqual(kept);
  });

  test('must not be taken twice without advance, and advance belongs to synchronous writes only', () => {
    const { raft } = Group.of(1).at(1);
    raft.campaign();
    raft.ready();
    expect(() => raft.ready()).toThrow(InvariantViolation);
    expect(() => Group.of(1, { asyncStorageWrites: true }).at(1).raft.advance()).toThrow(InvariantViolation);
  });

  test('committed entries come in portions of the configured size', () => {
    const size = protobufEntrySize(entry(1, 100));
    const group = Group.of(1, { maxCommittedSizePerReady: 2 * size });
    group.elect(1);
    const { raft } = group.at(1);
    raft.proposeMany(Array.from({ length: 5 }, () => bytes('x')));
    group.at(1).disk.append(raft.ready().entries);
    raft.advance();
    const portions: number[] = [];
    while (raft.hasReady()) {
      portions.push(raft.ready().committedEntries.length);
      raft.advance();
    }
    expect(portions.filter((n) => n > 0)).toEqual([2, 2, 1]);
  });

  test('proposals made together become entries together, in order', () => {
    const group = Group.of(3);
    group.elect(1);
    group.at(1).raft.proposeMany([bytes('a'), bytes('b')]);
    const rd = group.at(1).raft.ready();
    expect(rd.entries.map(({ index, data }) => [index, data])).toEqual([
      [4, bytes('a')],
      [5, bytes('b')],
    ]);
    expect(rd.messages).toHaveLength(2);
  });
});

describe('async storage writes', () => {
  test('an answer of an earlier term does not free entries: they may have been written over since', () => {
    const group = Group.of(3, { asyncStorageWrites: true });
    const follower = group.at(2);
    const append = message({ type: MessageType.MsgApp, from: 1, to: 2, index: 2, logTerm: 1 });
    follower.raft.step({ ...append, term: 2, entries: [entry(2, 3)] });
    follower.handleReady();
    const answers = follower.appendWork[0]!.responses;
    expect(answers.at(-1)).toMatchObject({
      type: MessageType.MsgStorageAppendResp,
      term: 2,
      index: 3,
      logTerm: 2,
    });
    // Another leader replaces the entry, a third one puts it back; both writes wait behind the first.
    follower.raft.step({ ...append, from: 3, term: 3, entries: [entry(3, 3)] });
    follower.handleReady();
    follower.raft.step({ ...append, term: 4, entries: [entry(2, 3)], commit: 3 });
    follower.handleReady();
    const committed = () => {
      const { applyWork } = follower;
      if (follower.raft.hasReady()) follower.handleReady();
      return applyWork.length;
    };
    follower.raft.step(answers.at(-1)!);
    expect(committed()).toBe(0);
    for (let i = 0; i < 3; i++) follower.appendOnce();
    expect(committed()).toBe(1);
  });

  test('orders to the storage threads carry their answers', () => {
    const group = Group.of(1, { asyncStorageWrites: true });
    const { raft } = group.at(1);
    raft.campaign();
    const [vote] = raft.ready().messages;
    expect(vote).toMatchObject({ to: LOCAL_APPEND_THREAD, term: 1, vote: 1, commit: 2 });
    for (const response of vote!.responses) raft.step(response);
    const [append] = raft.ready().messages;
    expect(append!.responses.map(({ type }) => type)).toEqual([
      MessageType.MsgAppResp,
      MessageType.MsgStorageAppendResp,
    ]);
    group.at(1).disk.append(append!.entries);
    for (const response of append!.responses) raft.step(response);
    const orders = raft.ready().messages;
    expect(orders.map(({ to }) => to)).toEqual([LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD]);
    expect(orders[1]!.responses).toMatchObject([
      { type: MessageType.MsgStorageApplyResp, from: LOCAL_APPLY_THREAD },
    ]);
  });
});

describe('bootstrap', () => {
  test('the first members are committed entries of term 1, and can elect at once', () => {
    const storage = new MemoryStorage();
    const raft = new RawNode(config(storage));
    expect(raft.bootstrap([])?.code).toBe('BOOTSTRAP_WITHOUT_PEERS');
    expect(raft.bootstrap([{ id: 1, context: bytes('here') }, { id: 2 }])).toBeUndefined();
    const rd = raft.ready();
    expect(rd.hardState).toEqual({ term: 1, vote: 0, commit: 2 });
    expect(rd.committedEntries.map((each) => confChangeOf(each))).toMatchObject([
      { nodeId: 1, context: bytes('here') },
      { nodeId: 2 },
    ]);
    storage.append(rd.entries);
    raft.advance();
    raft.campaign();
    expect(raft.ready().messages).toMatchObject([{ type: MessageType.MsgVote, to: 2, term: 2, index: 2 }]);
    expect(new RawNode(config(storage)).bootstrap([{ id: 1 }])?.code).toBe('BOOTSTRAP_NONEMPTY');
  });
});

describe('storage that answers late or wrongly', () => {
  test('a snapshot that is not ready is asked for again', () => {
    const group = Group.of(3);
    group.elect(1);
    group.isolate(3);
    group.at(1).raft.propose(bytes('x'));
    group.settle();
    group.at(1).compact();
    group.isolate();
    let ready = false;
    const { raft } = group.at(1);
    const original = group.at(1).state;
    Object.defineProperty(group.at(1), 'state', {
      configurable: true,
      get: () => {
        if (!ready) throw new RaftError('SNAPSHOT_TEMPORARILY_UNAVAILABLE');
        return original;
      },
      set: () => {},
    });
    group.tick(1);
    group.settle();
    expect(raft.status().progress.get(3)!.pendingSnapshot).toBe(0);
    ready = true;
    group.tick(1);
    group.settle();
    expect(group.at(3).state.index).toBe(4);
  });

  test('a stored commit outside the log stops the start', () => {
    const storage = new MemoryStorage();
    storage.setHardState({ term: 1, vote: 0, commit: 5 });
    expect(() => new RawNode(config(storage))).toThrow(InvariantViolation);
  });
});

test('with forwarding off a follower drops proposals, otherwise it passes them on', () => {
  for (const disableProposalForwarding of [true, false]) {
    const group = Group.of(3, { disableProposalForwarding });
    group.elect(1);
    const dropped = isRaftError(group.at(2).raft.propose(bytes('x')), 'PROPOSAL_DROPPED');
    expect(dropped).toBe(disableProposalForwarding);
    group.settle();
    expect(group.at(3).state.index).toBe(disableProposalForwarding ? 3 : 4);
  }
});

test('a commit that is known elsewhere is learned by whoever has that very entry, and does not lead', () => {
  const group = Group.of(3);
  group.elect(1);
  // Member 2 gets the entry, and hears no more of it.
  group.drop = (m) => m.to === 3 || m.from === 3 || (m.to === 1 && m.from === 2);
  group.at(1).raft.propose(bytes('x'));
  group.settle();
  const follower = group.at(2).raft;
  const { commit, lastIndex } = follower.basicStatus();
  const term = follower.termAt(lastIndex)!;
  expect(commit).toBeLessThan(lastIndex);
  follower.learnCommitted(lastIndex, term + 1);
  follower.learnCommitted(lastIndex + 1, term);
  follower.learnCommitted(0, 0);
  group.at(1).raft.learnCommitted(lastIndex, term);
  expect(follower.basicStatus().commit).toBe(commit);
  expect(group.at(1).raft.basicStatus().commit).toBe(commit);
  follower.learnCommitted(lastIndex, term);
  expect(follower.basicStatus().commit).toBe(lastIndex);
  group.at(2).work();
  expect(group.at(2).state.index).toBe(lastIndex);
});
