import { ConfChangeTransition, MessageType, message, type AnyConfChange, type RaftError } from '../index.js';
import { addNodes } from './add-nodes.js';
import type { Cluster } from './cluster.js';
import { parseChanges, parseTransition } from './describe-entry.js';
import { describeMessage, describeProgress, describeState } from './describe.js';
import { toBoolean, toInteger, type Directive } from './directive.js';
import type { Member } from './member.js';
import { parseLevel } from './output.js';
import { utf8 } from './quote.js';
import { ScriptError } from './script-error.js';

type Command = (cluster: Cluster, d: Directive) => void;

/** Runs `body` for each named member, under a heading when there are several. */
function forEach(title: string, body: (cluster: Cluster, member: Member) => void): Command {
  return (cluster, d) => {
    d.only(d.args.length);
    const members = d.ids().map((id) => cluster.member(id));
    for (const member of members) {
      if (members.length === 1) {
        body(cluster, member);
      } else {
        cluster.output.write(`> ${member.id} ${title}\n`);
        cluster.output.indented(() => body(cluster, member));
      }
    }
  };
}

/** A command of one member id and nothing else. */
function one(body: (cluster: Cluster, member: Member) => void): Command {
  return (cluster, d) => {
    d.only(1);
    body(cluster, cluster.member(d.integer(0, 'a member')));
  };
}

/** A command of two member ids. */
function two(body: (cluster: Cluster, first: Member, second: Member) => void): Command {
  return (cluster, d) => {
    d.only(2);
    body(cluster, cluster.member(d.integer(0, 'a member')), cluster.member(d.integer(1, 'two members')));
  };
}

function tick(member: Member, times: number): void {
  for (let i = 0; i < times; i++) member.raft.tick();
}

/** An operating error is a command's result: thrown here, printed where the command was run. */
function throwIfFailed(error: RaftError | undefined): void {
  if (error !== undefined) throw error;
}

function messageType(name: string): MessageType {
  const type = MessageType[name as keyof typeof MessageType] as MessageType | undefined;
  if (type === undefined) throw new ScriptError(`unknown message type "${name}"`);
  return type;
}

/** `deliver-msgs 1 2 drop=(3,4) type=MsgApp` */
function deliverMessages(cluster: Cluster, d: Directive): void {
  d.only(d.args.length, 'drop', 'type');
  const typeName = d.value('type');
  const type = typeName === undefined ? undefined : messageType(typeName);
  const recipients: { id: number; drop: boolean }[] = [];
  for (const { key, values } of d.args) {
    if (values.length === 0) recipients.push({ id: toInteger(key), drop: false });
    if (key !== 'drop') continue;
    for (const id of values.map(toInteger)) {
      if (recipients.some((each) => each.id === id)) throw new ScriptError(`deliver to ${id}, or drop?`);
      recipients.push({ id, drop: true });
    }
  }
  let handled = 0;
  for (const { id, drop } of recipients) handled += cluster.deliver(id, type, drop);
  if (handled === 0) cluster.output.write('no messages\n');
}

/** `propose-conf-change 1 v1=false transition=explicit`, the changes as input. */
function proposeConfChange(cluster: Cluster, d: Directive): void {
  d.only(1, 'v1', 'transition');
  const member = cluster.member(d.integer(0, 'a member'));
  const transition = parseTransition(d.value('transition') ?? 'auto');
  const changes = parseChanges(d.input);
  let change: AnyConfChange = { transition, changes };
  if (toBoolean(d.value('v1') ?? 'false')) {
    const [single] = changes;
    if (single === undefined || changes.length > 1 || transition !== ConfChangeTransition.Auto) {
      throw new ScriptError('a v1 change is exactly one change without a transition');
    }
    change = single;
  }
  throwIfFailed(member.raft.proposeConfChange(change));
}

/** `stabilize 1 2 log-level=none`: without members, all of them. */
function stabilize(cluster: Cluster, d: Directive): void {
  d.only(d.args.length, 'log-level');
  const ids = d.ids();
  const { output } = cluster;
  const before = output.level;
  const level = d.value('log-level');
  if (level !== undefined) output.level = parseLevel(level);
  try {
    cluster.stabilize(ids.length > 0 ? ids.map((id) => cluster.member(id)) : cluster.members);
  } finally {
    output.level = before;
  }
}

function printStatus(cluster: Cluster, member: Member): void {
  for (const [id, progress] of member.raft.status().progress) {
    cluster.output.write(`${id}: ${describeProgress(progress)}\n`);
  }
}

function printStates(cluster: Cluster): void {
  for (const { raft } of cluster.members) {
    const { id, state, term, lead, config } = raft.status();
    const voter = [...config.voters.incoming, ...config.voters.outgoing].includes(id);
    cluster.output.write(
      `${id}: ${describeState(state)} (${voter ? 'Voter' : 'Non-Voter'}) Term:${term} Lead:${lead}\n`,
    );
  }
}

/** A snapshot sent by hand; the sender's core does not know of it. */
function sendSnapshot(cluster: Cluster, from: Member, to: Member): void {
  const { term } = from.raft.basicStatus();
  const m = message({ type: MessageType.MsgSnap, term, from: from.id, to: to.id, snapshot: from.present });
  cluster.inFlight.push(m);
  cluster.output.write(describeMessage(m));
}

/** What scripts can say. Each checks its own arguments. */
export const commands: Record<string, Command> = {
  _breakpoint: () => {},
  'add-nodes': addNodes,
  campaign: one((_, member) => throwIfFailed(member.raft.campaign())),
  compact: (cluster, d) => {
    d.only(2);
    const member = cluster.member(d.integer(0, 'a member'));
    member.disk.compact(d.integer(1, 'the last index to forget'));
    cluster.printLog(member);
  },
  'deliver-msgs': deliverMessages,
  'forget-leader': one((_, member) => void member.raft.forgetLeader()),
  'log-level': (cluster, d) => {
    d.only(1);
    cluster.output.level = parseLevel(d.word(0, 'a level'));
  },
  'process-append-thread': forEach('processing append thread', (c, m) => c.processAppendThread(m)),
  'process-apply-thread': forEach('processing apply thread', (c, m) => c.processApplyThread(m)),
  'process-ready': forEach('handling Ready', (c, m) => c.processReady(m)),
  propose: (cluster, d) => {
    d.only(2);
    const member = cluster.member(d.integer(0, 'a member'));
    throwIfFailed(member.raft.propose(utf8(d.word(1, 'a text'))));
  },
  'propose-conf-change': proposeConfChange,
  'raft-log': one((cluster, member) => cluster.printLog(member)),
  'raft-state': (cluster, d) => {
    d.only(0);
    printStates(cluster);
  },
  'report-unreachable': two((_, member, peer) => member.raft.reportUnreachable(peer.id)),
  'send-snapshot': two(sendSnapshot),
  'set-randomized-election-timeout': (cluster, d) => {
    d.only(1, 'timeout');
    const timeout = d.requiredInteger('timeout');
    if (timeout === 0) throw new ScriptError('a timeout of 0 ticks is none');
    cluster.member(d.integer(0, 'a member')).raft.setRandomizedElectionTimeout(timeout);
  },
  stabilize,
  status: one(printStatus),
  'tick-election': one((_, member) => tick(member, member.config.electionTick)),
  'tick-heartbeat': one((_, member) => tick(member, member.config.heartbeatTick)),
  'transfer-leadership': (cluster, d) => {
    d.only(0, 'from', 'to');
    const to = cluster.member(d.requiredInteger('to'));
    cluster.member(d.requiredInteger('from')).raft.transferLeader(to.id);
  },

  // Ours, beyond etcd's scripts.

  /** `read-index 1 ctx`: asks for a linearizable read; it ends as ReadStates of a Ready. */
  'read-index': (cluster, d) => {
    d.only(2);
    cluster.member(d.integer(0, 'a member')).raft.readIndex(utf8(d.word(1, 'a context')));
  },
  /** `restart 2`: a crash; the disk and what was applied are kept. */
  restart: one((cluster, member) => cluster.restart(member)),
  /** `report-snapshot 1 3 ok=false`: 1 is told how sending its snapshot to 3 ended. */
  'report-snapshot': (cluster, d) => {
    d.only(2, 'ok');
    const peer = cluster.member(d.integer(1, 'two members'));
    const ok = toBoolean(d.value('ok') ?? 'true');
    cluster.member(d.integer(0, 'a member')).raft.reportSnapshot(peer.id, ok);
  },
};
