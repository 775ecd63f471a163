import type { Core } from './core.js';
import { countVote } from './election.js';
import { proposalDropped, type RaftError } from './errors.js';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-log.js';
import { MessageType, type Message } from './message.js';
import { becomeFollower } from './roles.js';
import { StateType } from './types.js';

/** What a candidate or pre-candidate does with a message of its own term, or a local one. */
export function stepCandidate(core: Core, m: Message): RaftError | undefined {
  switch (m.type) {
    case MessageType.MsgProp:
      core.logger.info?.(`${core.id} drops a proposal: no leader in term ${core.term}`);
      return proposalDropped;
    // Whoever sends one of these leads this very term: the election is over.
    case MessageType.MsgApp:
      becomeFollower(core, m.term, m.from);
      handleAppend(core, m);
      break;
    case MessageType.MsgHeartbeat:
      becomeFollower(core, m.term, m.from);
      handleHeartbeat(core, m);
      break;
    case MessageType.MsgSnap:
      becomeFollower(core, m.term, m.from);
      handleSnapshot(core, m);
      break;
    // Late answers to the pre-vote do not count as votes, nor the other way round.
    case MessageType.MsgVoteResp:
      if (core.state === StateType.Candidate) countVote(core, m);
      break;
    case MessageType.MsgPreVoteResp:
      if (core.state === StateType.PreCandidate) countVote(core, m);
      break;
    case MessageType.MsgTimeoutNow:
      core.logger.debug?.(`${core.id} campaigns already, ${m.from} need not ask`);
      break;
    default:
      break;
  }
  return undefined;
}
