import type { Core } from './core.js';
import { ReadOnlyOption } from './config.js';
import type { RaftError } from './errors.js';
import { handleProposal } from './leader-proposals.js';
import { MessageType, type Message } from './message.js';
import { confirmReads, handleReadIndex, releaseEarlyReads } from './read-index.js';
import {
  broadcastAppend,
  broadcastHeartbeat,
  maybeCommit,
  maybeSendAppend,
  sendAppend,
} from './replication.js';
import { becomeFollower } from './roles.js';
import { ProgressState, type Progress } from './tracker/progress.js';
import { continueTransfer, handleTransferLeader } from './transfer.js';
import { NONE } from './types.js';

/** What a leader does with a message of its own term, or a local one. */
export function stepLeader(core: Core, m: Message): RaftError | undefined {
  switch (m.type) {
    case MessageType.MsgProp:
      return handleProposal(core, m);
    case MessageType.MsgBeat:
      broadcastHeartbeat(core);
      return undefined;
    case MessageType.MsgCheckQuorum:
      checkQuorum(core);
      return undefined;
    case MessageType.MsgReadIndex:
      handleReadIndex(core, m);
      return undefined;
    case MessageType.MsgForgetLeader:
      return undefined;
    default:
      break;
  }
  const progress = core.progress(m.from);
  if (progress === undefined) {
    core.logger.debug?.(`${core.id} knows no member ${m.from}`);
    return undefined;
  }
  switch (m.type) {
    case MessageType.MsgAppResp:
      progress.recentActive = true;
      if (m.reject) handleRejection(core, m, progress);
      else handleAcknowledgement(core, m, progress);
      break;
    case MessageType.MsgHeartbeatResp:
      handleHeartbeatResponse(core, m, progress);
      break;
    case MessageType.MsgSnapStatus:
      handleSnapshotStatus(core, m, progress);
      break;
    case MessageType.MsgUnreachable:
      // Appends in flight are probably lost: stop pipelining until the follower's place is known again.
      if (progress.state === ProgressState.Replicate) progress.becomeProbe();
      core.logger.debug?.(`${core.id} hears that ${m.from} is unreachable`);
      break;
    case MessageType.MsgTransferLeader:
      handleTransferLeader(core, m, progress);
      break;
    default:
      break;
  }
  return undefined;
}

/** Once per election timeout: a leader that no quorum answers must not believe that it leads (thesis §6.2). */
export function checkQuorum(core: Core): void {
  if (!core.tracker.quorumActive()) {
    core.logger.warning?.(`${core.id} steps down: no quorum answered within an election timeout`);
    becomeFollower(core, core.term, NONE);
  }
  for (const [id, progress] of core.tracker.progress) if (id !== core.id) progress.recentActive = false;
}

/**
 * The follower's log does not match at m.index. It says where it may match: place `rejectHint`, where it has
 * `logTerm`. In the own log everything above the highest place whose term is not later than `logTerm` is bound to
 * differ too, so the next probe goes there: at most one probe a term instead of one an entry.
 */
function handleRejection(core: Core, m: Message, progress: Progress): void {
  core.logger.debug?.(
    `${core.id}: ${m.from} refused the append at ${m.index}, hint ${m.logTerm}/${m.rejectHint}`,
  );
  const probe = m.logTerm > 0 ? core.log.lastPossibleMatch(m.rejectHint, m.logTerm).index : m.rejectHint;
  if (!progress.maybeDecrease(m.index, probe)) return;
  if (progress.state === ProgressState.Replicate) progress.becomeProbe();
  sendAppend(core, m.from);
}

/** The follower (or this replica's own disk) holds everything up to m.index. */
function handleAcknowledgement(core: Core, m: Message, progress: Progress): void {
  // A probe that is answered without news still shows that the follower is there and matches.
  const probeAnswered = progress.match === m.index && progress.state === ProgressState.Probe;
  if (!progress.maybeUpdate(m.index) && !probeAnswered) return;

  if (progress.state === ProgressState.Probe) {
    progress.becomeReplicate();
  } else if (progress.state === ProgressState.Replicate) {
    progress.inflights.freeUpTo(m.index);
  } else if (progress.match + 1 >= core.log.firstIndex()) {
    // Whichever snapshot it took, and wherever it came from, the log carries on from there.
    core.logger.debug?.(`${core.id}: ${m.from} has caught up to the log at ${m.index}`);
    progress.becomeProbe();
    progress.becomeReplicate();
  }

  const other = m.from !== core.id;
  if (maybeCommit(core)) {
    releaseEarlyReads(core);
    broadcastAppend(core);
  } else if (other && progress.canBumpCommit(core.log.committed)) {
    sendAppend(core, m.from);
  }
  if (other) {
    // The window may have room for several messages now.
    while (maybeSendAppend(core, m.from, false));
  }
  continueTransfer(core, m.from, progress);
}

function handleHeartbeatResponse(core: Core, m: Message, progress: Progress): void {
  progress.recentActive = true;
  progress.appendPaused = false;
  // If everything in flight was lost, this append finds it out; a probe that is up to date returns to replicating.
  if (progress.match < core.log.lastIndex() || progress.state === ProgressState.Probe) {
    sendAppend(core, m.from);
  }
  if (core.readOnly.option === ReadOnlyOption.Safe && m.context !== undefined && m.context.length > 0) {
    confirmReads(core, m.from, m.context);
  }
}

/** The driver tells how sending a snapshot ended. */
function handleSnapshotStatus(core: Core, m: Message, progress: Progress): void {
  if (progress.state !== ProgressState.Snapshot) return;
  // A failed one must not be the place to probe from.
  if (m.reject) progress.pendingSnapshot = 0;
  progress.becomeProbe();
  // Wait for a sign of the follower: its acknowledgement, or after a failure the next heartbeat.
  progress.appendPaused = true;
  core.logger.debug?.(`${core.id}: the snapshot to ${m.from} ${m.reject ? 'failed' : 'was sent'}`);
}
