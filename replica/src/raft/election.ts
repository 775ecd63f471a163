import { fail } from './assert.js';
import type { Core } from './core.js';
import { MessageType, messageTypeName, voteResponseType, type Message } from './message.js';
import { jointVoters } from './quorum/joint.js';
import { VoteResult } from './quorum/majority.js';
import { broadcastAppend } from './replication.js';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.js';
import { send } from './send.js';
import { EntryType, NONE, StateType } from './types.js';

export const Campaign = {
  /** Asks first whether an election could be won. */
  PreElection: 0,
  Election: 1,
  /** The leader asked for it: voters must not wait for that leader's lease to end. */
  Transfer: 2,
} as const;
export type Campaign = (typeof Campaign)[keyof typeof Campaign];

const transferMark = Uint8Array.from('CampaignTransfer', (char) => char.charCodeAt(0));

function isTransferMark(context: Uint8Array | undefined): boolean {
  return (
    context !== undefined &&
    context.length === transferMark.length &&
    context.every((byte, i) => byte === transferMark[i])
  );
}

/** Only a voter campaigns, and not while a snapshot waits that may change the configuration. */
export function isPromotable(core: Core): boolean {
  const own = core.progress(core.id);
  return own !== undefined && !own.isLearner && !core.log.hasSnapshot();
}

/** Begins an election if this replica may. */
export function hup(core: Core, kind: Campaign): void {
  if (core.state === StateType.Leader) {
    core.logger.debug?.(`${core.id} leads already and does not campaign`);
    return;
  }
  if (!isPromotable(core)) {
    core.logger.warning?.(`${core.id} cannot be promoted and does not campaign`);
    return;
  }
  if (hasUnappliedConfChange(core)) {
    core.logger.warning?.(`${core.id} does not campaign before it applied its membership changes`);
    return;
  }
  core.logger.info?.(`${core.id} starts an election in term ${core.term}`);
  campaign(core, kind);
}

/**
 * A committed but unapplied membership change means that the active configuration is not the one by which the election
 * must be decided.
 */
function hasUnappliedConfChange(core: Core): boolean {
  const { log } = core;
  for (let next = log.applied + 1; next <= log.committed;) {
    const page = log.slice(next, log.committed + 1, core.settings.maxCommittedSizePerReady);
    if (page === undefined || page.length === 0) return fail('committed entries are missing');
    if (page.some((entry) => entry.type !== EntryType.Normal)) return true;
    next += page.length;
  }
  return false;
}

function campaign(core: Core, kind: Campaign): void {
  let type: MessageType = MessageType.MsgVote;
  if (kind === Campaign.PreElection) {
    becomePreCandidate(core);
    type = MessageType.MsgPreVote;
  } else {
    becomeCandidate(core);
  }
  // A pre-vote asks for the term that the election would have.
  const term = kind === Campaign.PreElection ? core.term + 1 : core.term;
  const context = kind === Campaign.Transfer ? transferMark : undefined;
  const { log } = core;
  const index = log.lastIndex();
  const logTerm = log.lastTerm();
  for (const id of jointVoters(core.tracker.config.voters)) {
    if (id === core.id) {
      // The own vote counts only once it is on disk, so it takes the same way as an answer.
      send(core, { type: voteResponseType(type), to: id, term });
      continue;
    }
    core.logger.info?.(
      `${core.id} [log ${logTerm}/${index}] asks ${id} by ${messageTypeName(type)} in term ${term}`,
    );
    send(core, { type, to: id, term, index, logTerm, context });
  }
}

/** Counts an answer to the running campaign and acts once it is decided. */
export function countVote(core: Core, m: Message): void {
  core.logger.info?.(
    `${core.id} received ${messageTypeName(m.type)}${m.reject ? ' (refused)' : ''} from ${m.from} in term ${core.term}`,
  );
  core.tracker.recordVote(m.from, !m.reject);
  switch (core.tracker.voteResult()) {
    case VoteResult.Won:
      if (core.state === StateType.PreCandidate) {
        campaign(core, Campaign.Election);
      } else {
        becomeLeader(core);
        broadcastAppend(core);
      }
      break;
    case VoteResult.Lost:
      // A refused pre-vote speaks of a term that was never entered: stay in the own one.
      becomeFollower(core, core.term, NONE);
      break;
    case VoteResult.Pending:
      break;
  }
}

/**
 * Whether a request for a vote must go unheard because a leader is alive: within the minimum election timeout of
 * hearing from it (thesis §4.2.3), unless that leader itself hands over.
 */
export function isInLease(core: Core, m: Message): boolean {
  const inLease =
    core.settings.checkQuorum && core.lead !== NONE && core.electionElapsed < core.settings.electionTick;
  return inLease && !isTransferMark(m.context);
}

/**
 * Answers a vote or pre-vote request whose term is the own, or for a pre-vote a later one. A learner answers too: it
 * may have been promoted by an entry that it has not received yet.
 */
export function answerVoteRequest(core: Core, m: Message): void {
  const { log } = core;
  const free =
    core.vote === m.from ||
    (core.vote === NONE && core.lead === NONE) ||
    (m.type === MessageType.MsgPreVote && m.term > core.term);
  const granted = free && log.isUpToDate(m.index, m.logTerm);
  core.logger.info?.(
    `${core.id} [log ${log.lastTerm()}/${log.lastIndex()}, vote ${core.vote}] ${granted ? 'grants' : 'refuses'} ` +
      `${messageTypeName(m.type)} of ${m.from} [log ${m.logTerm}/${m.index}] in term ${core.term}`,
  );
  const type = voteResponseType(m.type);
  if (!granted) {
    send(core, { type, to: m.from, term: core.term, reject: true });
    return;
  }
  // In the request's term: a pre-candidate that fell behind would not listen to an older one.
  send(core, { type, to: m.from, term: m.term });
  if (m.type === MessageType.MsgVote) {
    core.electionElapsed = 0;
    core.vote = m.from;
  }
}
