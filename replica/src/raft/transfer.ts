import type { Core } from './core.js';
import { MessageType, type Message } from './message.js';
import { sendAppend } from './replication.js';
import { send } from './send.js';
import { NONE } from './types.js';
import type { Progress } from './tracker/progress.js';

/**
 * Leader only (thesis §3.10): `m.from` shall lead. It is brought up to date first, then told to campaign at once.
 * Proposals are dropped until it took over or an election timeout passed.
 */
export function handleTransferLeader(core: Core, m: Message, target: Progress): void {
  const transferee = m.from;
  if (target.isLearner) {
    core.logger.debug?.(`${core.id} does not hand over to learner ${transferee}`);
    return;
  }
  if (core.leadTransferee !== NONE) {
    if (core.leadTransferee === transferee) {
      core.logger.info?.(`${core.id} is already handing over to ${transferee}`);
      return;
    }
    core.logger.info?.(`${core.id} gives up handing over to ${core.leadTransferee}`);
    core.leadTransferee = NONE;
  }
  if (transferee === core.id) {
    core.logger.debug?.(`${core.id} leads already`);
    return;
  }
  core.logger.info?.(`${core.id} hands over to ${transferee} in term ${core.term}`);
  // The attempt has one election timeout, so that timeout starts now.
  core.electionElapsed = 0;
  core.leadTransferee = transferee;
  if (target.match === core.log.lastIndex()) {
    sendTimeoutNow(core, transferee);
  } else {
    sendAppend(core, transferee);
  }
}

/** An acknowledgement of the future leader came in: does it have everything now? */
export function continueTransfer(core: Core, from: number, progress: Progress): void {
  if (from !== core.leadTransferee || progress.match !== core.log.lastIndex()) return;
  core.logger.info?.(`${core.id} tells ${from} to campaign, its log is complete now`);
  sendTimeoutNow(core, from);
}

function sendTimeoutNow(core: Core, to: number): void {
  send(core, { type: MessageType.MsgTimeoutNow, to });
}
