import { assert } from './assert.js';
import type { Core } from './core.js';
import { isRaftError } from './errors.js';
import { payloadSize } from './entry-size.js';
import { MessageType } from './message.js';
import { send } from './send.js';
import { ProgressState, type Progress } from './tracker/progress.js';
import type { Entry, Snapshot } from './types.js';

/** Sends the follower what it lacks, or at least the commit index, unless it is paused. */
export function sendAppend(core: Core, to: number): void {
  maybeSendAppend(core, to, true);
}

/**
 * Sends one append, or a snapshot when the entries are compacted. Returns whether anything was sent; without entries
 * only if `evenEmpty`.
 */
export function maybeSendAppend(core: Core, to: number, evenEmpty: boolean): boolean {
  const progress = core.progress(to)!;
  if (progress.isPaused()) return false;
  const { log } = core;
  const prevIndex = progress.next - 1;
  const prevTerm = log.term(prevIndex);
  if (prevTerm < 0) return maybeSendSnapshot(core, to, progress);

  let entries: Entry[] | undefined = [];
  // A full window still lets empty appends through: if everything in it was lost, only they can find out.
  if (progress.state !== ProgressState.Replicate || !progress.inflights.full()) {
    entries = log.entriesFrom(progress.next, core.settings.maxSizePerMsg);
  }
  if ((entries === undefined || entries.length === 0) && !evenEmpty) return false;
  if (entries === undefined) return maybeSendSnapshot(core, to, progress);

  send(core, {
    type: MessageType.MsgApp,
    to,
    index: prevIndex,
    logTerm: prevTerm,
    entries,
    commit: log.committed,
  });
  progress.sentEntries(entries.length, payloadSize(entries));
  progress.sentCommit = log.committed;
  return true;
}

function maybeSendSnapshot(core: Core, to: number, progress: Progress): boolean {
  if (!progress.recentActive) {
    core.logger.debug?.(`${core.id} keeps its snapshot: ${to} was silent lately`);
    return false;
  }
  const snapshot = availableSnapshot(core);
  if (snapshot === undefined) {
    core.logger.debug?.(`${core.id} has no snapshot ready for ${to} yet`);
    return false;
  }
  const { index, term } = snapshot.metadata;
  assert(index > 0, 'an empty snapshot cannot replace compacted entries');
  core.logger.debug?.(`${core.id} sends snapshot ${term}/${index} to ${to} and pauses appends`);
  progress.becomeSnapshot(index);
  send(core, { type: MessageType.MsgSnap, to, snapshot });
  return true;
}

function availableSnapshot(core: Core): Snapshot | undefined {
  try {
    return core.log.snapshot();
  } catch (error) {
    if (isRaftError(error, 'SNAPSHOT_TEMPORARILY_UNAVAILABLE')) return undefined;
    throw error;
  }
}

/**
 * The commit index in a heartbeat stops at what the follower is known to hold: beyond it, its log may differ from the
 * leader's, and it would commit the wrong entries.
 */
function sendHeartbeat(core: Core, to: number, context: Uint8Array | undefined): void {
  const progress = core.progress(to)!;
  const commit = Math.min(progress.match, core.log.committed);
  send(core, { type: MessageType.MsgHeartbeat, to, commit, context });
  progress.sentCommit = commit;
}

export function broadcastAppend(core: Core): void {
  for (const id of core.tracker.ids) if (id !== core.id) sendAppend(core, id);
}

/** Heartbeats to all; they carry the newest waiting read, so every beat also confirms reads. */
export function broadcastHeartbeat(core: Core): void {
  const context = core.readOnly.heartbeatContext();
  for (const id of core.tracker.ids) if (id !== core.id) sendHeartbeat(core, id, context);
}

/** Leader only: moves commit to what a quorum holds. When it returns true, the others should be told. */
export function maybeCommit(core: Core): boolean {
  return core.log.maybeCommit(core.tracker.committed(), core.term);
}
