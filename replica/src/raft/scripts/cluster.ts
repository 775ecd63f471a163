import { isLocalTarget, MessageType, type Message, type Snapshot } from '../index.js';
import { describeEntries, describeError, describeMessage, describeReady } from './describe.js';
import { Member, type MemberConfig } from './member.js';
import type { Output } from './output.js';
import { ScriptError } from './script-error.js';

/** The members of a script and the network between them, which loses nothing and delivers only on command. */
export class Cluster {
  readonly members: Member[] = [];
  readonly output: Output;
  /** Sent and not yet delivered, oldest first. */
  inFlight: Message[] = [];

  constructor(output: Output) {
    this.output = output;
  }

  member(id: number): Member {
    const member = this.members[id - 1];
    if (member === undefined) throw new ScriptError(`there is no member ${id}`);
    return member;
  }

  add(count: number, config: MemberConfig, first: Snapshot): void {
    for (let i = 0; i < count; i++) {
      const id = this.members.length + 1;
      this.members.push(new Member(id, config, first, this.output.logger()));
    }
  }

  /** Takes one Ready and does what it says; with async storage writes that work is only queued. */
  processReady(member: Member): void {
    const rd = member.raft.ready();
    this.output.write(describeReady(rd));
    const async = member.config.asyncStorageWrites === true;
    if (!async) {
      member.append(rd.hardState, rd.entries, rd.snapshot);
      member.apply(rd.committedEntries);
    }
    for (const m of rd.messages) {
      if (m.type === MessageType.MsgStorageAppend) member.appendWork.push(m);
      else if (m.type === MessageType.MsgStorageApply) member.applyWork.push(m);
      else this.inFlight.push(m);
    }
    if (!async) member.raft.advance();
  }

  processAppendThread(member: Member): void {
    const m = member.appendWork.shift();
    if (m === undefined) {
      this.output.write('no append work to perform');
      return;
    }
    this.announce(m);
    const { term, vote, commit } = m;
    const hardState = term === 0 && vote === 0 && commit === 0 ? undefined : { term, vote, commit };
    member.append(hardState, m.entries, m.snapshot);
    this.respond(m);
  }

  processApplyThread(member: Member): void {
    const m = member.applyWork.shift();
    if (m === undefined) {
      this.output.write('no apply work to perform');
      return;
    }
    this.announce(m);
    member.apply(m.entries);
    this.respond(m);
  }

  private announce(m: Message): void {
    this.output.write(`Processing:\n${describeMessage({ ...m, responses: [] })}\n`);
  }

  private respond(m: Message): void {
    this.output.write('Responses:\n');
    for (const response of m.responses) this.output.write(`${describeMessage(response)}\n`);
    this.inFlight.push(...m.responses);
  }

  /** Messages for `id`, of `type` if given. Local ones cannot be dropped: they never left the member. */
  private selectInFlight(id: number, type: MessageType | undefined, drop: boolean): Message[] {
    return this.inFlight.filter(
      (m) => m.to === id && !(drop && isLocal(m)) && (type === undefined || m.type === type),
    );
  }

  /** Delivers or drops what is in flight to `id`; returns how many messages that were. */
  deliver(id: number, type: MessageType | undefined, drop: boolean): number {
    const messages = this.selectInFlight(id, type, drop);
    const taken = new Set(messages);
    this.inFlight = this.inFlight.filter((m) => !taken.has(m));
    for (const m of messages) {
      this.output.write(`${drop ? 'dropped: ' : ''}${describeMessage(m)}\n`);
      if (drop) continue;
      const error = this.member(id).raft.step(m);
      if (error !== undefined) this.output.write(`${describeError(error)}\n`);
    }
    return messages.length;
  }

  /** A crash takes along what the member had still to tell itself. */
  restart(member: Member): void {
    this.inFlight = this.inFlight.filter((m) => m.to !== member.id || !isLocal(m));
    member.restart();
  }

  /** Lets the members work and talk until nothing is left to do. */
  stabilize(members: readonly Member[]): void {
    while (this.stabilizeOnce(members));
  }

  private stabilizeOnce(members: readonly Member[]): boolean {
    let busy = false;
    const section = (title: string, body: () => void) => {
      busy = true;
      this.output.write(`> ${title}\n`);
      body();
    };
    const indented = (body: () => void) => this.output.indented(body);
    for (const member of members) {
      if (!member.raft.hasReady()) continue;
      section(`${member.id} handling Ready`, () => indented(() => this.processReady(member)));
    }
    for (const { id } of members) {
      if (this.selectInFlight(id, undefined, false).length === 0) continue;
      section(`${id} receiving messages`, () => indented(() => this.deliver(id, undefined, false)));
    }
    for (const member of members) {
      if (member.appendWork.length === 0) continue;
      section(`${member.id} processing append thread`, () => {
        while (member.appendWork.length > 0) indented(() => this.processAppendThread(member));
      });
    }
    for (const member of members) {
      if (member.applyWork.length === 0) continue;
      section(`${member.id} processing apply thread`, () => {
        while (member.applyWork.length > 0) indented(() => this.processApplyThread(member));
      });
    }
    return busy;
  }

  /** Prints the log on the member's disk. */
  printLog(member: Member): void {
    const first = member.disk.firstIndex();
    const last = member.disk.lastIndex();
    if (last < first) this.output.write(`log is empty: first index=${first}, last index=${last}`);
    else this.output.write(describeEntries(member.disk.entries(first, last + 1, Infinity)));
  }
}

function isLocal(m: Message): boolean {
  return m.from === m.to || isLocalTarget(m.from) || isLocalTarget(m.to);
}
