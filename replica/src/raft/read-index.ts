import { ReadOnlyOption } from './config.js';
import type { Core } from './core.js';
import { MessageType, type Message } from './message.js';
import { broadcastHeartbeat } from './replication.js';
import { send } from './send.js';
import { NONE } from './types.js';

/** Leader only (thesis §6.4). */
export function handleReadIndex(core: Core, m: Message): void {
  if (core.tracker.isSingleton()) {
    answerRead(core, m, core.log.committed);
  } else if (!committedInOwnTerm(core)) {
    // Until then the commit index may lag behind what earlier leaders committed.
    core.earlyReads.push(m);
  } else {
    startRead(core, m);
  }
}

function committedInOwnTerm(core: Core): boolean {
  return core.log.termOrZero(core.log.committed) === core.term;
}

function startRead(core: Core, m: Message): void {
  if (core.readOnly.option === ReadOnlyOption.LeaseBased) {
    answerRead(core, m, core.log.committed);
    return;
  }
  core.readOnly.add(m, core.log.committed);
  core.readOnly.receiveAck(core.id, core.readOnly.heartbeatContext());
  broadcastHeartbeat(core);
}

/** The term's first commit lets the reads go on that came before it. */
export function releaseEarlyReads(core: Core): void {
  if (core.earlyReads.length === 0) return;
  if (!committedInOwnTerm(core)) {
    core.logger.error?.(`${core.id} was to release early reads before its first commit`);
    return;
  }
  const reads = core.earlyReads;
  core.earlyReads = [];
  for (const read of reads) startRead(core, read);
}

/** A heartbeat's answer may complete a round. */
export function confirmReads(core: Core, from: number, context: Uint8Array): void {
  core.readOnly.receiveAck(from, context);
  for (const { request, index } of core.readOnly.takeConfirmed(core.tracker.config.voters)) {
    answerRead(core, request, index);
  }
}

/** To the own application, or to the follower that forwarded the read. */
function answerRead(core: Core, m: Message, index: number): void {
  if (m.from === NONE || m.from === core.id) {
    core.readStates.push({ index, context: m.entries[0]!.data });
  } else {
    send(core, { type: MessageType.MsgReadIndexResp, to: m.from, index, entries: m.entries });
  }
}
