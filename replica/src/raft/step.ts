import { entriesApplied, snapshotApplied } from './applied.js';
import { stepCandidate } from './candidate.js';
import type { Core } from './core.js';
import { answerVoteRequest, Campaign, hup, isInLease } from './election.js';
import type { RaftError } from './errors.js';
import { stepFollower } from './follower.js';
import { stepLeader } from './leader.js';
import { MessageType, messageTypeName, type Message } from './message.js';
import { becomeFollower } from './roles.js';
import { send } from './send.js';
import { NONE, StateType } from './types.js';

/** The one way into the state machine: every message, local or from a peer. */
export function step(core: Core, m: Message): RaftError | undefined {
  if (m.term > core.term) {
    if (!enterLaterTerm(core, m)) return undefined;
  } else if (m.term !== 0 && m.term < core.term) {
    handleEarlierTerm(core, m);
    return undefined;
  }
  switch (m.type) {
    case MessageType.MsgHup:
      hup(core, core.settings.preVote ? Campaign.PreElection : Campaign.Election);
      return undefined;
    case MessageType.MsgStorageAppendResp:
      if (m.index !== 0) core.log.unstable.stableTo(m.index, m.logTerm);
      if (m.snapshot !== undefined) snapshotApplied(core, m.snapshot);
      return undefined;
    case MessageType.MsgStorageApplyResp:
      entriesApplied(core, m.entries);
      return undefined;
    case MessageType.MsgVote:
    case MessageType.MsgPreVote:
      answerVoteRequest(core, m);
      return undefined;
    default:
      return stepRole(core, m);
  }
}

function stepRole(core: Core, m: Message): RaftError | undefined {
  if (core.state === StateType.Leader) return stepLeader(core, m);
  if (core.state === StateType.Follower) return stepFollower(core, m);
  return stepCandidate(core, m);
}

/** A message from a later term (§5.1). False when it must not be looked at any further. */
function enterLaterTerm(core: Core, m: Message): boolean {
  const { type } = m;
  if ((type === MessageType.MsgVote || type === MessageType.MsgPreVote) && isInLease(core, m)) {
    core.logger.info?.(
      `${core.id} ignores ${messageTypeName(type)} of ${m.from}: leader ${core.lead} is alive`,
    );
    return false;
  }
  // A pre-vote speaks of a term that nobody entered, and so does a pre-vote that is granted.
  if (type === MessageType.MsgPreVote || (type === MessageType.MsgPreVoteResp && !m.reject)) return true;
  core.logger.info?.(`${core.id} learns of term ${m.term} by ${messageTypeName(type)} of ${m.from}`);
  const fromLeader =
    type === MessageType.MsgApp || type === MessageType.MsgHeartbeat || type === MessageType.MsgSnap;
  becomeFollower(core, m.term, fromLeader ? m.from : NONE);
  return true;
}

/** A message from a term that is over: mostly ignored. */
function handleEarlierTerm(core: Core, m: Message): void {
  const { checkQuorum, preVote } = core.settings;
  switch (m.type) {
    case MessageType.MsgHeartbeat:
    case MessageType.MsgApp:
      // With either option nobody's vote request need be heard, so a replica whose term ran ahead would neither win
      // nor follow. Answering in its own term makes the leader step down and brings all to one term.
      if (checkQuorum || preVote) send(core, { type: MessageType.MsgAppResp, to: m.from });
      return;
    case MessageType.MsgPreVote:
      // Silence could leave a cluster without leader that has just switched pre-vote on: a candidate of a later term
      // but with a shorter log would wait for ever.
      send(core, { type: MessageType.MsgPreVoteResp, to: m.from, term: core.term, reject: true });
      return;
    case MessageType.MsgStorageAppendResp:
      // The entries may have been replaced since, and written over again: only an answer of the current term tells
      // that nothing under way touches them. A snapshot is committed state and stays true in every term.
      if (m.snapshot !== undefined) snapshotApplied(core, m.snapshot);
      return;
    default:
      core.logger.info?.(`${core.id} ignores ${messageTypeName(m.type)} of ${m.from} from term ${m.term}`);
  }
}
