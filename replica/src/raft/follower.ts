import { ReadOnlyOption } from './config.js';
import type { Core } from './core.js';
import { Campaign, hup } from './election.js';
import { proposalDropped, type RaftError } from './errors.js';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-log.js';
import { MessageType, type Message } from './message.js';
import { send } from './send.js';
import { NONE } from './types.js';

/** What a follower does with a message of its own term, or a local one. */
export function stepFollower(core: Core, m: Message): RaftError | undefined {
  switch (m.type) {
    case MessageType.MsgProp:
      return forwardProposal(core, m);
    case MessageType.MsgApp:
      hearLeader(core, m.from);
      handleAppend(core, m);
      break;
    case MessageType.MsgHeartbeat:
      hearLeader(core, m.from);
      handleHeartbeat(core, m);
      break;
    case MessageType.MsgSnap:
      hearLeader(core, m.from);
      handleSnapshot(core, m);
      break;
    case MessageType.MsgTransferLeader:
    case MessageType.MsgReadIndex:
      if (core.lead === NONE) core.logger.info?.(`${core.id} knows no leader to pass a request to`);
      else send(core, { ...m, to: core.lead });
      break;
    case MessageType.MsgForgetLeader:
      forgetLeader(core);
      break;
    case MessageType.MsgTimeoutNow:
      core.logger.info?.(`${core.id} is asked by ${m.from} to lead`);
      // No pre-vote: the leader itself wants the election.
      hup(core, Campaign.Transfer);
      break;
    case MessageType.MsgReadIndexResp:
      if (m.entries.length === 1) core.readStates.push({ index: m.index, context: m.entries[0]!.data });
      else core.logger.error?.(`${core.id} received a read answer for ${m.entries.length} reads`);
      break;
    default:
      break;
  }
  return undefined;
}

function hearLeader(core: Core, from: number): void {
  core.electionElapsed = 0;
  core.lead = from;
}

function forwardProposal(core: Core, m: Message): RaftError | undefined {
  if (core.lead === NONE || core.settings.disableProposalForwarding) {
    core.logger.info?.(`${core.id} drops a proposal: it does not lead term ${core.term}`);
    return proposalDropped;
  }
  send(core, { ...m, to: core.lead });
  return undefined;
}

/** A follower that knows better may stop protecting its leader from elections. */
function forgetLeader(core: Core): void {
  if (core.readOnly.option === ReadOnlyOption.LeaseBased) {
    core.logger.error?.(`${core.id} keeps its leader: lease-based reads depend on it`);
    return;
  }
  if (core.lead === NONE) return;
  core.logger.info?.(`${core.id} forgets leader ${core.lead} of term ${core.term}`);
  core.lead = NONE;
}
