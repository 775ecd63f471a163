import { ProgressState, type Progress, type RawNode } from '@aegis/replica/raft';
import type { Core } from '@aegis/replica/raft/core';
import { roleNames, snapshotText } from './describe.js';

/** The whole of a core. Nobody else may look behind a RawNode. */
export function coreOf(node: RawNode): Core {
  return (node as unknown as { core: Core }).core;
}

// Private fields, by the names that they have.
interface Applying {
  applyingSize: number;
  applyingPaused: boolean;
}
interface Reads {
  waiting: unknown[];
  confirmed: number;
}

const progressNames = {
  [ProgressState.Probe]: 'probe',
  [ProgressState.Replicate]: 'replicate',
  [ProgressState.Snapshot]: 'snapshot',
};

function progressText(id: number, p: Progress): string {
  const { inflights } = p;
  return (
    ` ${id}:${progressNames[p.state]} ${p.match}<${p.next},${p.sentCommit},${p.pendingSnapshot},${inflights.count}+` +
    (inflights as unknown as { bytes: number }).bytes +
    (inflights.full() ? 'full' : '') +
    (p.recentActive ? 'active' : '') +
    (p.appendPaused ? 'paused' : '') +
    (p.isLearner ? 'learner' : '')
  );
}

function setText(label: string, ids: readonly number[]): string {
  return ids.length > 0 ? label + ids.join() : '';
}

/** The whole state of a member, hidden or not, but for its storage; `status.go` writes the same. */
export function statusText(node: RawNode): string {
  const core = coreOf(node);
  const { log, tracker } = core;
  const { unstable } = log;
  const { applyingSize, applyingPaused } = log as unknown as Applying;
  const { waiting, confirmed } = core.readOnly as unknown as Reads;
  const { voters, learners, learnersNext, autoLeave } = tracker.config;
  let text =
    `${roleNames[core.state]} term=${core.term} vote=${core.vote} lead=${core.lead} commit=${log.committed}` +
    ` applying=${log.applying}+${applyingSize}${applyingPaused ? '!' : ''} applied=${log.applied}` +
    ` unstable=${unstable.offset}/${unstable.offsetInProgress}+${unstable.entries.length}` +
    `${snapshotText(' snapshot=', unstable.snapshot)}${unstable.snapshotInProgress ? '!' : ''}` +
    ` elapsed=${core.electionElapsed}/${core.heartbeatElapsed} pending=${core.pendingConfIndex}` +
    ` uncommitted=${core.uncommittedSize} reads=${waiting.length}/${confirmed}+${core.earlyReads.length}` +
    ` transferee=${core.leadTransferee}${core.isLearner ? ' learner' : ''}${node.hasReady() ? ' has-ready' : ''}` +
    setText(' voters=', voters.incoming) +
    setText(' outgoing=', voters.outgoing) +
    setText(' learners=', learners) +
    setText(' learners-next=', learnersNext) +
    (autoLeave ? ' auto-leave' : '');
  if (tracker.votes.size > 0) {
    for (const id of [...tracker.votes.keys()].sort((a, b) => a - b)) {
      text += ` vote-of-${id}${tracker.votes.get(id) === true ? '+' : ''}`;
    }
  }
  for (const id of tracker.ids) text += progressText(id, tracker.progress.get(id)!);
  return text;
}
