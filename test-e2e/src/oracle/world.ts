import {
  emptyConfState,
  emptySnapshot,
  encodeConfChange,
  EntryType,
  MessageType,
  ProgressState,
  type Message,
  type Snapshot,
} from '@aegis/replica/raft';
import type { Random } from '@aegis/replica/sim';
import { drawRates, type ActionName } from './actions.js';
import { changeText, drawChange } from './changes.js';
import type { Coverage } from './coverage.js';
import { hexOf } from './describe.js';
import { Member, Stage, type Item } from './member.js';
import { Network, type Flight } from './network.js';
import { drawSettings, type Settings } from './settings.js';
import { coreOf } from './status.js';
import type { Transcript } from './transcript.js';

type Thread = 'none' | 'core' | 'append' | 'apply' | 'answers';

/** A schedule as it unfolds: members, network, and what chance does to them. Everything is drawn from `random`. */
export class World {
  private readonly random: Random;
  private readonly transcript: Transcript;
  private readonly coverage: Coverage;
  private readonly without: ReadonlySet<string>;
  private readonly members: Member[];
  private readonly ids: number[];
  private readonly network: Network;
  private readonly held = new Map<Member, Flight[]>();
  private readonly rates: { name: ActionName; upTo: number }[];
  private readonly group: Settings;
  private readonly mixed: boolean;
  /** Chance that a member does what it can do, when it is looked at. */
  private zeal = 1;
  /** What lags behind for a while, with async storage writes. */
  private slow: Thread = 'none';
  private counter = 0;

  constructor(random: Random, transcript: Transcript, coverage: Coverage, without: ReadonlySet<string>) {
    this.random = random;
    this.transcript = transcript;
    this.coverage = coverage;
    this.without = without;
    this.network = new Network(random, coverage);
    const size = 1 + random.below(7);
    const firstId = random.pick([1, 1, 1, 120, 2 ** 40]);
    const stride = random.pick([1, 1, 100]);
    this.ids = Array.from({ length: size }, (_, i) => firstId + i * stride);
    this.members = this.ids.map((id) => new Member(id, transcript, coverage, random));
    this.group = drawSettings(random);
    this.mixed = random.chance(0.3);
    this.rates = drawRates(random, without);
  }

  run(steps: number): void {
    this.begin();
    while (this.transcript.steps < steps) {
      this.changeWeather();
      for (let i = 20 + this.random.below(150); i > 0 && this.transcript.steps < steps; i--) this.turn();
    }
  }

  private settings(): Settings {
    return this.mixed ? drawSettings(this.random) : this.group;
  }

  /** Members start from one snapshot, or are bootstrapped; the others are empty and may join. */
  private begin(): void {
    const { random, ids } = this;
    const first = random.chance(0.5) ? ids : ids.slice(0, 1 + random.below(ids.length));
    const bootstrap = random.chance(0.25);
    const snapshot = bootstrap ? emptySnapshot() : this.firstSnapshot(first);
    for (const member of this.members) {
      const belongs = first.includes(member.id);
      member.format(belongs ? snapshot : emptySnapshot());
      member.start(this.settings(), belongs ? snapshot.metadata.index : 0);
      if (bootstrap && belongs) member.bootstrap(first);
    }
    if (bootstrap) this.coverage.saw('group bootstrapped');
  }

  private firstSnapshot(first: readonly number[]): Snapshot {
    const { random } = this;
    const learners = first.length > 1 && random.chance(0.3) ? first.slice(-1) : [];
    const voters = first.slice(0, first.length - learners.length);
    // Indexes and terms of all lengths, because their encodings have lengths.
    const index = random.pick([2, 10, 125, 16_380, 2 ** 32 + 5, 2 ** 52]);
    const term = random.pick([1, 3, 126, 2 ** 35]);
    const confState = { ...emptyConfState(), voters, learners };
    return { ...emptySnapshot(), metadata: { index, term, confState } };
  }

  /** From time to time all is well; otherwise anything may be bad, each by its own measure. */
  private changeWeather(): void {
    const { random, network } = this;
    const calm = random.chance(0.5);
    const draw = (name: string, most: number) => {
      const value = random.fraction() ** 2 * most;
      return calm || this.without.has(name) ? 0 : value;
    };
    network.weather = {
      loss: draw('loss', 0.5),
      duplicate: draw('duplicate', 0.3),
      reorder: draw('reorder', 0.8),
    };
    this.zeal = calm ? 1 : 0.2 + 0.8 * random.fraction();
    this.slow = calm ? 'none' : random.pick(['none', 'none', 'core', 'append', 'apply', 'answers']);
    if (calm || random.chance(0.5)) network.cut.clear();
    if (calm) {
      for (const member of this.members) if (!member.up) this.restart(member);
    }
  }

  private turn(): void {
    const { random } = this;
    for (const member of this.members) if (random.chance(this.zeal * 0.7)) this.work(member);
    for (let i = random.below(this.zeal === 1 ? 20 : 10); i > 0; i--) this.deliverNext();
    if (random.chance(0.5)) this.act();
  }

  /** One thing that the member can do by itself. */
  private work(member: Member): void {
    const { node } = member;
    if (node === undefined) return;
    const { random } = this;
    if (member.settings!.asyncStorageWrites) {
      const choices: (() => void)[] = [];
      const add = (is: Thread, due: boolean, act: () => void) => {
        if (due && (is !== this.slow || random.chance(0.05))) choices.push(act);
      };
      add('core', node.hasReady(), () => this.send(member.takeReady()));
      add('append', member.appends.length > 0, () => this.send(member.appendNext()));
      add('apply', member.applies.length > 0, () => member.apply());
      add('answers', member.answers.length > 0, () => member.answer());
      if (choices.length > 0) random.pick(choices)();
      return;
    }
    do {
      if (!this.workOffReady(member)) return;
    } while (random.chance(this.zeal));
  }

  private send(messages: readonly Message[]): void {
    this.network.send(this.network.number(messages));
  }

  /** The next stage of a Ready. Messages leave only after the write. */
  private workOffReady(member: Member): boolean {
    switch (member.stage) {
      case Stage.Idle:
        if (!member.node!.hasReady()) return false;
        this.held.set(member, this.network.number(member.takeReady()));
        return true;
      case Stage.Taken:
        member.write();
        this.network.send(this.held.get(member)!);
        return true;
      case Stage.Written:
        member.apply();
        return true;
      case Stage.Applied:
        member.advance();
        return false;
    }
  }

  private at(id: number): Member | undefined {
    return this.members.find((member) => member.id === id && member.up);
  }

  private deliverNext(): void {
    const next = this.network.next();
    if (next === undefined) return;
    const { flight, arrives } = next;
    const { m } = flight;
    if (arrives) this.at(m.to)?.deliver(flight.number, m);
    this.tellSender(m.from, m.to, m.type, arrives);
  }

  /** The sender's transport may notice what became of a message. */
  private tellSender(from: number, to: number, type: MessageType, arrived: boolean): void {
    const { random } = this;
    const sender = this.at(from);
    if (sender === undefined) return;
    if (type === MessageType.MsgSnap) {
      if (random.chance(0.7) && !this.without.has('snapshotStatus')) this.reportSnapshot(sender, to, arrived);
    } else if (!arrived && random.chance(0.05) && !this.without.has('unreachable')) {
      this.reportUnreachable(sender, to);
    }
  }

  private reportSnapshot(sender: Member, to: number, ok: boolean): void {
    if (coreOf(sender.node!).progress(to)?.state === ProgressState.Snapshot) {
      this.coverage.saw(
        ok ? 'snapshot reported sent while pending' : 'snapshot reported failed while pending',
      );
    }
    sender.reportSnapshot(to, ok);
  }

  private reportUnreachable(sender: Member, to: number): void {
    const { lead, id, tracker } = coreOf(sender.node!);
    if (lead === id && tracker.progress.get(to)?.state === ProgressState.Replicate) {
      this.coverage.saw('follower reported unreachable while replicating');
    }
    sender.reportUnreachable(to);
  }

  private restart(member: Member): void {
    const { random } = this;
    const oldest = member.disk.firstIndex() - 1;
    const applied = random.chance(0.5) ? member.applied : oldest + random.below(member.applied - oldest + 1);
    this.coverage.saw('restart');
    if (applied < member.applied) this.coverage.saw('restart that applies again');
    const changed = random.chance(0.2) ? drawSettings(random) : member.settings!;
    member.start(changed, applied);
  }

  private act(): void {
    const { random, rates } = this;
    const dice = random.fraction() * rates[rates.length - 1]!.upTo;
    const { name } = rates.find(({ upTo }) => dice < upTo)!;
    const some = random.pick(this.members);
    if (name === 'crash') return this.crashOrStart(some);
    // A leader is where most things can happen.
    const leader = this.members.find((each) => each.leads);
    const member = leader !== undefined && random.chance(favoursLeader.has(name) ? 0.6 : 0) ? leader : some;
    if (!member.up) return;
    switch (name) {
      case 'tick':
        return member.tick();
      case 'tickAll':
        for (const each of this.members) if (each.up) each.tick();
        return;
      case 'propose':
        return member.propose(this.drawItems());
      case 'change':
        return member.propose([this.drawChangeItem(member)]);
      case 'read':
        for (let i = random.below(3); i >= 0; i--) member.read(this.counter++);
        return;
      case 'transfer':
        return member.transferLeader(random.pick(this.ids));
      case 'forget':
        return member.forgetLeader();
      case 'campaign':
        return member.campaign();
      case 'unreachable':
        return this.reportUnreachable(member, random.pick(this.ids));
      case 'snapshotStatus':
        return this.reportSnapshot(member, random.pick(this.ids), random.chance(0.5));
      case 'compact':
        return this.compact(member);
      case 'busy':
        return member.setBusy(random.chance(0.4));
      case 'cut':
        return this.cutOrJoin();
      case 'coup':
        return this.coup();
      case 'late':
        return this.deliverLate();
      case 'quiesce':
        return member.tickQuiesced();
      case 'forge':
        return member.forge(random.pick(forgeable), random.pick(this.ids));
    }
  }

  private drawItems(): Item[] {
    const { random } = this;
    const count = random.chance(0.7) ? 1 : 1 + random.below(5);
    return Array.from({ length: count }, () => {
      if (count > 1 && random.chance(0.05)) return this.drawChangeItem(random.pick(this.members));
      const data = Buffer.alloc(random.pick([0, 1, 4, 8, 8, 25, 70, 140]), this.counter);
      if (data.length >= 4) data.writeUInt32BE(this.counter++);
      return { entry: { term: 0, index: 0, type: EntryType.Normal, data }, text: `n${hexOf(data)}` };
    });
  }

  private drawChangeItem(member: Member): Item {
    const change = drawChange(this.random, this.ids, member.confState.votersOutgoing.length > 0);
    return { entry: { term: 0, index: 0, ...encodeConfChange(change) }, text: changeText(change) };
  }

  private crashOrStart(member: Member): void {
    if (!member.up) return this.restart(member);
    this.held.delete(member);
    member.crash();
    if (this.random.chance(0.6)) this.restart(member);
  }

  private compact(member: Member): void {
    const { disk } = member;
    if (this.random.chance(0.6)) member.makeSnapshot();
    if (disk.busy) return;
    const last = Math.min(disk.snapshot().metadata.index, coreOf(member.node!).log.applied);
    const first = disk.firstIndex();
    if (last >= first)
      member.compact(this.random.chance(0.6) ? last : first + this.random.below(last - first + 1));
  }

  /** A member loses a link, one way or both, or all of them; or everything is joined again. */
  private cutOrJoin(): void {
    const { random, network, ids } = this;
    if (network.cut.size > 0 && random.chance(0.6)) return network.cut.clear();
    const one = random.pick(ids);
    const others = random.chance(0.5) ? ids : [random.pick(ids)];
    const oneWay = random.chance(0.3);
    for (const other of others) {
      network.cut.add(`${one}>${other}`);
      if (!oneWay) network.cut.add(`${other}>${one}`);
    }
  }

  /**
   * A leader loses all links but not its clients, and somebody else campaigns: so logs come to differ, and with one coup
   * after the other they differ in several terms.
   */
  private coup(): void {
    const { random, network } = this;
    const leaders = this.members.filter((each) => each.leads);
    if (leaders.length === 0) return;
    const leader = random.pick(leaders);
    network.cut.clear();
    for (const other of this.ids) network.cut.add(`${leader.id}>${other}`).add(`${other}>${leader.id}`);
    for (let i = random.below(4); i >= 0; i--) {
      leader.propose(this.drawItems());
      for (let k = 0; k < 4; k++) this.work(leader);
    }
    const rival = random.pick(this.members);
    if (rival !== leader && rival.up) rival.campaign();
    this.coverage.saw('leader cut off and replaced');
  }

  private deliverLate(): void {
    const flight = this.network.late();
    if (flight !== undefined) this.at(flight.m.to)?.deliver(flight.number, flight.m);
  }
}

const forgeable = [
  MessageType.MsgHup,
  MessageType.MsgBeat,
  MessageType.MsgUnreachable,
  MessageType.MsgSnapStatus,
  MessageType.MsgCheckQuorum,
  MessageType.MsgStorageAppendResp,
  MessageType.MsgStorageApplyResp,
];

const favoursLeader: ReadonlySet<ActionName> = new Set([
  'propose',
  'change',
  'read',
  'transfer',
  'unreachable',
  'snapshotStatus',
  'compact',
  'busy',
]);
