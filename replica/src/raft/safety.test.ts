import { describe, expect, test } from '@jest/globals';
import {
  ConfChangeTransition,
  ConfChangeType,
  MessageType,
  StateType,
  type Entry,
  type Message,
} from './index.js';
import { bytes, firstSnapshot, Group } from './testing/group.js';
import { Random } from './testing/random.js';
import { CrashPoint, type MachineState, type Observer, type Replica } from './testing/replica.js';

// Random schedules over five replicas: loss, duplication, reordering, crashes in the middle of a Ready, slow storage
// threads, membership changes, snapshots. Whatever happens, the four safety properties of the paper's figure 3 hold,
// and reads are linearizable; once the faults stop, the group works again.

function must(condition: boolean, text: string): void {
  if (!condition) throw new Error(text);
}

/** Watches everything and throws at the first contradiction. */
class Safety implements Observer {
  private readonly leaders = new Map<number, number>();
  private readonly entries = new Map<string, string>();
  private readonly digests = new Map<number, number>();
  private readonly committed = new Map<number, number>();
  private readonly readFloor = new Map<string, number>();
  highestCommit = 0;
  reads = 0;

  /** Election safety, and leader completeness at the moment of power. */
  look(replica: Replica): void {
    const { state, term, commit, lastIndex } = replica.raft.basicStatus();
    this.highestCommit = Math.max(this.highestCommit, commit);
    if (state !== StateType.Leader) return;
    const known = this.leaders.get(term);
    must(known === undefined || known === replica.id, `two leaders in term ${term}`);
    if (known !== undefined) return;
    this.leaders.set(term, replica.id);
    for (const [index, entryTerm] of this.committed) {
      if (index < replica.disk.firstIndex()) continue;
      must(index <= lastIndex, `leader ${replica.id} lacks committed entry ${index}`);
      must(replica.disk.term(index) === entryTerm, `leader ${replica.id} has another entry ${index}`);
    }
  }

  /** Log matching, by induction: equal index and term mean equal entries and an equal entry before. */
  onWrite(replica: Replica, written: readonly Entry[]): void {
    for (const { index, term, data, type } of written) {
      if (index < replica.disk.firstIndex()) continue;
      const content = `${type}:${data.join()}:${replica.disk.term(index - 1)}`;
      const known = this.entries.get(`${term}/${index}`);
      must((known ?? content) === content, `two entries ${term}/${index}, or two before it`);
      this.entries.set(`${term}/${index}`, content);
    }
  }

  /** State machine safety: everybody applies the same, in order, without a gap. */
  onApply(replica: Replica, entry: Entry, state: MachineState): void {
    must((this.committed.get(entry.index) ?? entry.term) === entry.term, `two committed at ${entry.index}`);
    this.committed.set(entry.index, entry.term);
    this.onInstall(replica, state);
    must(replica.raft.basicStatus().commit >= entry.index, `applied ${entry.index} before its commit`);
  }

  onInstall(_: Replica, { index, digest }: MachineState): void {
    must((this.digests.get(index) ?? digest) === digest, `two states at ${index}`);
    this.digests.set(index, digest);
  }

  ask(context: string): void {
    this.readFloor.set(context, this.highestCommit);
  }

  /** A read sees everything that anybody knew to be committed when it began. */
  onRead(_: Replica, { index, context }: { index: number; context: Uint8Array }): void {
    this.reads++;
    const floor = this.readFloor.get(String.fromCharCode(...context));
    must(floor !== undefined && index >= floor, `a read at ${index} missed commit ${floor}`);
  }
}

interface Outcome {
  commit: number;
  leaders: number;
  reads: number;
}

function run(seed: number): Outcome {
  const random = new Random(seed);
  const safety = new Safety();
  const settings = {
    asyncStorageWrites: random.chance(0.5),
    preVote: random.chance(0.5),
    checkQuorum: random.chance(0.5),
    stepDownOnRemoval: random.chance(0.5),
    maxInflightMsgs: 1 + random.int(4),
    maxSizePerMsg: random.pick([1, 30, 1000]),
    maxCommittedSizePerReady: random.pick([20, 1000]),
    electionTick: 5,
    randomInt: (n: number) => random.int(n),
  };
  const changes = random.chance(0.5);
  const group = new Group(firstSnapshot([1, 2, 3]), 5, settings, safety);
  const { network, replicas } = group;
  let number = 0;

  const deliver = (m: Message) => group.at(m.to).raft.step(m);
  const take = (at: number) => network.splice(at, 1)[0]!;
  const lose = (m: Message) => {
    if (m.type === MessageType.MsgSnap) group.at(m.from).raft.reportSnapshot(m.to, false);
    else if (random.chance(0.2)) group.at(m.from).raft.reportUnreachable(m.to);
  };
  const propose = (replica: Replica) => {
    if (changes && random.chance(0.15)) {
      const single = () => ({
        type: random.pick([ConfChangeType.AddNode, ConfChangeType.AddLearnerNode, ConfChangeType.RemoveNode]),
        nodeId: 1 + random.int(5),
      });
      const count = random.int(3);
      // Never a change that would remove the last voter: 1 is always one.
      const list = Array.from({ length: count }, single).filter(({ nodeId }) => nodeId !== 1);
      // The empty change leaves a joint configuration only with this transition; with another it must not be proposed.
      const transition =
        list.length === 0 ? ConfChangeTransition.Auto : random.pick(Object.values(ConfChangeTransition));
      replica.raft.proposeConfChange({ transition, changes: list });
    } else {
      replica.raft.propose(bytes(`${seed}.${number++}`));
    }
  };

  const steps = 800;
  for (let i = 0; i < steps; i++) {
    const replica = random.pick(replicas);
    const dice = random.int(100);
    if (dice < 12) replica.raft.tick();
    else if (dice < 20) propose(replica);
    else if (dice < 58) {
      for (let count = 1 + random.int(5); count > 0 && network.length > 0; count--) {
        const m = random.chance(0.3) ? take(random.int(network.length)) : take(0);
        if (random.chance(0.1)) network.push(m);
        deliver(m);
      }
    } else if (dice < 61) {
      if (network.length > 0) lose(take(random.int(network.length)));
    } else if (dice < 90) {
      for (const each of replicas) {
        if (random.chance(0.5)) continue;
        const crash = random.chance(0.01) ? random.pick(Object.values(CrashPoint)) : undefined;
        if (each.raft.hasReady()) each.handleReady(crash);
        if (random.chance(0.7)) each.appendOnce();
        if (random.chance(0.7)) each.applyOnce();
      }
    } else if (dice < 91) {
      if (random.chance(0.3)) replica.crash();
    } else if (dice < 93) replica.compact();
    else if (dice < 95) {
      const context = `read${number++}`;
      safety.ask(context);
      replica.raft.readIndex(bytes(context));
    } else if (dice < 96) {
      const odd = random.int(6);
      if (odd === 0) replica.raft.transferLeader(1 + random.int(5));
      if (odd === 1) replica.raft.forgetLeader();
      if (odd === 2) replica.raft.campaign();
    } else for (const each of replicas) each.raft.tick();
    for (const each of replicas) safety.look(each);
  }

  // The faults stop. Without pre-vote and check-quorum, members that were removed may disturb for ever.
  if (!changes || (settings.preVote && settings.checkQuorum)) {
    const before = safety.highestCommit;
    const target = bytes('after');
    for (let round = 0; round < 400 && safety.highestCommit < before + 2; round++) {
      for (const each of replicas) each.raft.tick();
      for (const id of group.leaders()) group.at(id).raft.propose(target);
      group.settle();
      for (const each of replicas) safety.look(each);
    }
    must(safety.highestCommit >= before + 2, 'the group did not recover');
  }
  return { commit: safety.highestCommit, leaders: group.leaders().length, reads: safety.reads };
}

describe('figure 3: safety under random schedules', () => {
  const seedsPerTest = 60;
  for (let part = 0; part < 5; part++) {
    test(`seeds ${part * seedsPerTest}…`, () => {
      let commits = 0;
      let reads = 0;
      for (let seed = part * seedsPerTest; seed < (part + 1) * seedsPerTest; seed++) {
        try {
          const outcome = run(seed);
          commits += outcome.commit;
          reads += outcome.reads;
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
      }
      // The schedules do something.
      expect(commits / seedsPerTest).toBeGreaterThan(20);
      expect(reads).toBeGreaterThan(seedsPerTest / 4);
    });
  }
});
