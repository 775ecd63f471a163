import type { Core } from './core.js';
import { UNAVAILABLE } from './log.js';
import { restoreConfState } from './membership.js';
import { MessageType, type Message } from './message.js';
import { becomeFollower } from './roles.js';
import { send } from './send.js';
import { emptySnapshot, NONE, StateType, type Snapshot } from './types.js';

/** §5.3. A match is acknowledged up to the last entry covered; a mismatch is refused with a hint where to look. */
export function handleAppend(core: Core, m: Message): void {
  const { log } = core;
  if (m.index < log.committed) {
    // Out of date: what is committed matches anyway.
    send(core, { type: MessageType.MsgAppResp, to: m.from, index: log.committed });
    return;
  }
  const last = log.maybeAppend(m.index, m.logTerm, m.entries, m.commit);
  if (last !== UNAVAILABLE) {
    send(core, { type: MessageType.MsgAppResp, to: m.from, index: last });
    return;
  }
  core.logger.debug?.(
    `${core.id} refuses the append after ${m.logTerm}/${m.index}, it has ${log.termOrZero(m.index)} there`,
  );
  // The leader's terms at or before m.index are not later than m.logTerm, so whatever is later here cannot match.
  const hint = log.lastPossibleMatch(Math.min(m.index, log.lastIndex()), m.logTerm);
  send(core, {
    type: MessageType.MsgAppResp,
    to: m.from,
    index: m.index,
    reject: true,
    rejectHint: hint.index,
    logTerm: hint.term,
  });
}

export function handleHeartbeat(core: Core, m: Message): void {
  core.log.commitTo(m.commit);
  send(core, { type: MessageType.MsgHeartbeatResp, to: m.from, context: m.context });
}

/** Acknowledges what the log holds afterwards, whether the snapshot was needed or not. */
export function handleSnapshot(core: Core, m: Message): void {
  const snapshot = m.snapshot ?? emptySnapshot();
  const taken = restore(core, snapshot);
  const { index, term } = snapshot.metadata;
  core.logger.info?.(`${core.id} ${taken ? 'takes' : 'needs no'} snapshot ${term}/${index}`);
  send(core, {
    type: MessageType.MsgAppResp,
    to: m.from,
    index: taken ? core.log.lastIndex() : core.log.committed,
  });
}

function restore(core: Core, snapshot: Snapshot): boolean {
  const { index, term, confState } = snapshot.metadata;
  if (index <= core.log.committed) return false;
  if (core.state !== StateType.Follower) {
    // Cannot happen: whoever receives a snapshot of its term became follower first. A new term is the safe way out.
    core.logger.warning?.(`${core.id} is no follower and takes no snapshot`);
    becomeFollower(core, core.term + 1, NONE);
    return false;
  }
  const { voters, learners, votersOutgoing } = confState;
  if (![voters, learners, votersOutgoing].some((ids) => ids.includes(core.id))) {
    core.logger.warning?.(`${core.id} is not in the snapshot's configuration and does not take it`);
    return false;
  }
  if (core.log.matches(index, term)) {
    // The log holds everything already; the snapshot only tells that it is committed.
    core.log.commitTo(index);
    return false;
  }
  core.log.restore(snapshot);
  restoreConfState(core, confState);
  return true;
}
