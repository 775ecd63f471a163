import {
  confChangeOf,
  EntryType,
  isRaftError,
  message,
  MessageType,
  protobufEntrySize,
  RawNode,
  type ConfState,
  type Entry,
  type Message,
  type RaftError,
  type Ready,
  type Snapshot,
} from '@aegis/replica/raft';
import type { Random } from '@aegis/replica/sim';
import { isPossible, isUnwanted } from './changes.js';
import type { Coverage } from './coverage.js';
import { confStateText, readyText } from './describe.js';
import { Disk } from './disk.js';
import { settingsText, type Settings } from './settings.js';
import { coreOf, statusText } from './status.js';
import type { Transcript } from './transcript.js';
import { Watch } from './watch.js';

/** How far a Ready is worked off, without async storage writes. */
export const Stage = { Idle: 0, Taken: 1, Written: 2, Applied: 3 } as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** A proposed entry and its text for the Go side. */
export interface Item {
  entry: Entry;
  text: string;
}

/**
 * One replica: our core, its disk, its application, and the work that the core gave out and nobody finished yet. Each
 * method is one call, done here at once and written down for the Go side, which has the same member.
 */
export class Member {
  readonly id: number;
  readonly disk = new Disk();
  settings: Settings | undefined;
  /** Undefined while it is down. */
  node: RawNode | undefined;
  stage: Stage = Stage.Idle;
  ready: Ready | undefined;
  appends: Message[] = [];
  applies: Message[] = [];
  answers: Message[] = [];
  applied = 0;
  /** The configurations since the start of the log: each is valid from its index on. */
  private confStates: { index: number; confState: ConfState }[] = [];
  /** The commit index that survives a crash for sure. */
  private syncedCommit = 0;
  private readonly transcript: Transcript;
  private readonly coverage: Coverage;
  private readonly watch: Watch;
  private readonly random: Random;

  constructor(id: number, transcript: Transcript, coverage: Coverage, random: Random) {
    this.id = id;
    this.transcript = transcript;
    this.coverage = coverage;
    this.random = random;
    this.watch = new Watch(coverage);
    this.disk.onBusy = () => coverage.saw('snapshot wanted while none was ready');
  }

  get up(): boolean {
    return this.node !== undefined;
  }

  get leads(): boolean {
    return this.node !== undefined && coreOf(this.node).lead === this.id;
  }

  get confState(): ConfState {
    return this.confStates[this.confStates.length - 1]!.confState;
  }

  private call(name: string, args: string, act: () => string): void {
    const { node, watch } = this;
    if (node !== undefined) watch.before(node);
    this.transcript.record(
      () => {
        const outcome = act();
        if (this.node === undefined) return outcome;
        if (node !== undefined) watch.after(name, node);
        return `${outcome} | ${statusText(this.node)}`;
      },
      () => `${name} ${this.id}${args} ${this.node?.randomizedElectionTimeout ?? 0}`,
    );
  }

  private step(name: string, args: string, act: (node: RawNode) => RaftError | undefined | void): void {
    const node = this.node!;
    this.call(name, args, () => {
      const error = act(node);
      if (error === undefined) return 'ok';
      this.watch.refused(node, error);
      return error.code;
    });
  }

  /** The first thing of all: a disk that holds a snapshot, or nothing. */
  format(first: Snapshot): void {
    const { index, term, confState } = first.metadata;
    this.call('disk', ` ${index} ${term} ${confStateText(confState)}`, () => {
      if (index > 0) this.disk.write({ term, vote: 0, commit: index }, first, []);
      return 'ok';
    });
    this.applied = index;
    this.syncedCommit = index;
    this.confStates = [{ index, confState }];
  }

  /** Begins a life that applies from behind `applied` on. */
  start(settings: Settings, applied: number): void {
    const { disk, random } = this;
    while (this.confStates[this.confStates.length - 1]!.index > applied) this.confStates.pop();
    this.applied = applied;
    this.settings = settings;
    this.stage = Stage.Idle;
    this.ready = undefined;
    this.appends = [];
    this.applies = [];
    this.answers = [];
    disk.confState = this.confState;
    this.call('start', ` ${applied} ${confStateText(this.confState)} ${settingsText(settings)}`, () => {
      if (applied > disk.commit) disk.setCommit(applied);
      const randomInt = (n: number) => random.below(n);
      const own = { id: this.id, storage: disk, applied, entrySize: protobufEntrySize, randomInt };
      this.node = new RawNode({ ...settings, ...own });
      return 'ok';
    });
  }

  /** Everything but the disk is lost, and of the disk perhaps the newest commit index. */
  crash(): void {
    const { disk } = this;
    if (this.appends.length > 0) this.coverage.saw('restart that lost queued writes');
    const floor = Math.max(this.syncedCommit, disk.firstIndex() - 1);
    const commit = disk.commit > floor && this.random.chance(0.5) ? floor : 0;
    if (commit !== 0) this.coverage.saw('restart that lost a commit index');
    this.node = undefined;
    this.call('crash', ` ${commit}`, () => {
      if (commit !== 0) disk.setCommit(commit);
      return 'ok';
    });
  }

  bootstrap(ids: readonly number[]): void {
    this.step('bootstrap', ` ${ids.join()}`, (node) => node.bootstrap(ids.map((id) => ({ id }))));
  }

  tick(): void {
    this.step('tick', '', (node) => node.tick());
  }

  tickQuiesced(): void {
    this.step('tick-quiesced', '', (node) => node.tickQuiesced());
  }

  campaign(): void {
    this.step('campaign', '', (node) => node.campaign());
  }

  propose(items: readonly Item[]): void {
    this.step('propose', ` ${items.map(({ text }) => text).join()}`, (node) => {
      const entries = items.map(({ entry }) => entry);
      const [first] = entries;
      if (entries.length > 1)
        return node.step(message({ type: MessageType.MsgProp, from: this.id, entries }));
      const change = confChangeOf(first!);
      return change === undefined ? node.propose(first!.data) : node.proposeConfChange(change);
    });
  }

  read(number: number): void {
    const context = Buffer.alloc(4);
    context.writeUInt32BE(number);
    this.step('read', ` ${context.toString('hex')}`, (node) => node.readIndex(context));
  }

  transferLeader(to: number): void {
    this.step('transfer', ` ${to}`, (node) => node.transferLeader(to));
  }

  forgetLeader(): void {
    this.step('forget-leader', '', (node) => node.forgetLeader());
  }

  reportUnreachable(id: number): void {
    this.step('unreachable', ` ${id}`, (node) => node.reportUnreachable(id));
  }

  reportSnapshot(id: number, ok: boolean): void {
    this.step('snapshot-status', ` ${id} ${ok ? 1 : 0}`, (node) => node.reportSnapshot(id, ok));
  }

  deliver(number: number, m: Message): void {
    this.step('deliver', ` ${number}`, (node) => {
      const error = node.step(m);
      this.watch.delivered(node, m);
      return error;
    });
  }

  /** A message that only this process may make, as if a peer had sent it. */
  forge(type: MessageType, from: number): void {
    this.step('forge', ` ${type} ${from}`, (node) => node.step(message({ type, from, to: this.id })));
  }

  /** Takes a Ready. Returns what goes to others: at once with async storage writes, else after `write`. */
  takeReady(): readonly Message[] {
    const node = this.node!;
    let others: readonly Message[] = [];
    this.call('ready', '', () => {
      if (!node.hasReady()) return 'nothing';
      const rd = node.ready();
      this.watch.ready(node, rd);
      if (this.settings!.asyncStorageWrites) {
        others = rd.messages.filter((m) => !this.queue(m));
      } else {
        this.ready = rd;
        this.stage = Stage.Taken;
        others = rd.messages;
      }
      return readyText(rd);
    });
    return others;
  }

  private queue(m: Message): boolean {
    if (m.type === MessageType.MsgStorageAppend) this.appends.push(m);
    else if (m.type === MessageType.MsgStorageApply) this.applies.push(m);
    else return false;
    return true;
  }

  write(): void {
    const { hardState, snapshot, entries, mustSync } = this.ready!;
    this.call('write', '', () => {
      this.store(hardState, snapshot, entries);
      if (mustSync) this.syncedCommit = this.disk.commit;
      return 'ok';
    });
    this.stage = Stage.Written;
  }

  /** The next order of the append thread. Returns its answers to others. */
  appendNext(): readonly Message[] {
    const order = this.appends.shift()!;
    const { term, vote, commit, snapshot, entries, responses } = order;
    this.call('append', '', () => {
      this.store(term + vote + commit === 0 ? undefined : { term, vote, commit }, snapshot, entries);
      if (responses.length > 0) this.syncedCommit = this.disk.commit;
      return 'ok';
    });
    return this.respond(order);
  }

  private store(
    hardState: Ready['hardState'],
    snapshot: Snapshot | undefined,
    entries: readonly Entry[],
  ): void {
    this.watch.writing(this.disk, entries);
    this.disk.write(hardState, snapshot, entries);
    if (snapshot === undefined) return;
    this.coverage.saw('snapshot installed');
    const { index, confState } = snapshot.metadata;
    this.applied = index;
    this.confStates = [{ index, confState }];
  }

  private respond(order: Message): readonly Message[] {
    for (const response of order.responses) if (response.to === this.id) this.answers.push(response);
    return order.responses.filter(({ to }) => to !== this.id);
  }

  /** Applies what is due: the entries of the Ready in hand, or the next order of the apply thread. */
  apply(): void {
    const node = this.node!;
    const order = this.settings!.asyncStorageWrites ? this.applies.shift()! : undefined;
    const entries = order === undefined ? this.ready!.committedEntries : order.entries;
    let decisions = '';
    let outcome = 'applied';
    const act = () => {
      for (const entry of entries) {
        if (entry.index < node.basicStatus().firstIndex) {
          this.coverage.saw('snapshot overtook entries to be applied');
          continue;
        }
        this.applied = Math.max(this.applied, entry.index);
        if (entry.type === EntryType.Normal) continue;
        const change = confChangeOf(entry)!;
        // Once in a while an impossible change is let through, to see both sides assert.
        const possible = isPossible(this.confState, change) || this.random.chance(0.02);
        const allowed = possible && !isUnwanted(change);
        decisions += allowed ? 'y' : 'n';
        if (!allowed) {
          this.coverage.saw('change turned down when applied');
          continue;
        }
        const before = this.confState;
        const confState = node.applyConfChange(change);
        this.watch.changed(node, before, confState);
        this.confStates.push({ index: entry.index, confState });
        outcome += ` conf=${confStateText(confState)}`;
      }
      return outcome;
    };
    const { watch } = this;
    watch.before(node);
    this.transcript.record(
      () => {
        act();
        watch.after('apply', node);
        return `${outcome} | ${statusText(node)}`;
      },
      () => `apply ${this.id} ${decisions || '-'} ${node.randomizedElectionTimeout}`,
    );
    if (order === undefined) this.stage = Stage.Applied;
    else this.respond(order);
  }

  advance(): void {
    this.step('advance', '', (node) => node.advance());
    this.ready = undefined;
    this.stage = Stage.Idle;
  }

  /** A storage thread's next answer arrives. */
  answer(): void {
    const answer = this.answers.shift()!;
    this.watch.answered(this.node!, answer);
    this.step('answer', '', (node) => node.step(answer));
  }

  /** Makes a snapshot of what is applied. */
  makeSnapshot(): void {
    const { applied, confState } = this;
    const data = Uint8Array.of(applied % 256, this.id);
    this.step(
      'snapshot',
      ` ${applied} ${confStateText(confState)} ${Buffer.from(data).toString('hex')}`,
      () => {
        try {
          this.disk.createSnapshot(applied, confState, data);
          return undefined;
        } catch (error) {
          if (isRaftError(error, 'SNAPSHOT_OUT_OF_DATE')) return error;
          throw error;
        }
      },
    );
  }

  /** Forgets the log up to an index that a snapshot holds. */
  compact(index: number): void {
    this.step('compact', ` ${index}`, () => this.disk.compact(index));
    this.coverage.saw('log compacted');
    const { confStates } = this;
    while (confStates.length > 1 && confStates[1]!.index <= index) confStates.shift();
  }

  setBusy(busy: boolean): void {
    this.step('busy', ` ${busy ? 1 : 0}`, () => {
      this.disk.busy = busy;
    });
  }
}
