import { messageTypeName } from '../index.js';
import { LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, NONE, ProgressState, StateType } from '../index.js';
import type {
  ConfState,
  Entry,
  HardState,
  Message,
  Progress,
  RaftError,
  RaftErrorCode,
  ReadState,
  Ready,
  Snapshot,
  SoftState,
} from '../index.js';
import { describeEntryContent } from './describe-entry.js';

// The forms in which etcd's interaction scripts print what the core hands out. They are a file format: every space
// counts.

export function describeTarget(id: number): string {
  if (id === NONE) return 'None';
  if (id === LOCAL_APPEND_THREAD) return 'AppendThread';
  if (id === LOCAL_APPLY_THREAD) return 'ApplyThread';
  return id.toString(16);
}

const stateNames: Record<StateType, string> = {
  [StateType.Follower]: 'StateFollower',
  [StateType.Candidate]: 'StateCandidate',
  [StateType.Leader]: 'StateLeader',
  [StateType.PreCandidate]: 'StatePreCandidate',
};

export function describeState(state: StateType): string {
  return stateNames[state];
}

export function describeHardState({ term, vote, commit }: HardState): string {
  return `Term:${term}${vote === NONE ? '' : ` Vote:${vote}`} Commit:${commit}`;
}

export function describeSoftState({ lead, state }: SoftState): string {
  return `Lead:${lead} State:${describeState(state)}`;
}

function list(ids: readonly number[]): string {
  return `[${ids.join(' ')}]`;
}

export function describeConfState(state: ConfState): string {
  return (
    `Voters:${list(state.voters)} VotersOutgoing:${list(state.votersOutgoing)} ` +
    `Learners:${list(state.learners)} LearnersNext:${list(state.learnersNext)} AutoLeave:${state.autoLeave}`
  );
}

export function describeSnapshot({ metadata }: Snapshot): string {
  const { index, term, confState } = metadata;
  return `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`;
}

export function describeEntry(entry: Entry): string {
  return `${entry.term}/${entry.index} ${describeEntryContent(entry)}`;
}

export function describeEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `${describeEntry(entry)}\n`).join('');
}

function describeReadStates(states: readonly ReadState[]): string {
  return `[${states.map(({ index, context }) => `{${index} [${context.join(' ')}]}`).join(' ')}]`;
}

export function describeMessage(m: Message, indent = ''): string {
  const { entries, responses } = m;
  let text =
    `${indent}${describeTarget(m.from)}->${describeTarget(m.to)} ${messageTypeName(m.type)} ` +
    `Term:${m.term} Log:${m.logTerm}/${m.index}`;
  if (m.reject) text += ` Rejected (Hint: ${m.rejectHint})`;
  if (m.commit !== 0) text += ` Commit:${m.commit}`;
  if (m.vote !== NONE) text += ` Vote:${m.vote}`;
  if (entries.length === 1) {
    text += ` Entries:[${describeEntry(entries[0]!)}]`;
  } else if (entries.length > 1) {
    text += ` Entries:[${entries.map((entry) => `\n${indent}  ${describeEntry(entry)}`).join('')}\n${indent}]`;
  }
  if (m.snapshot !== undefined && m.snapshot.metadata.index !== 0) {
    text += `\n${indent}  Snapshot: ${describeSnapshot(m.snapshot)}`;
  }
  if (responses.length > 0) {
    const inner = responses.map((response) => `\n${describeMessage(response, `${indent}  `)}`);
    text += ` Responses:[${inner.join('')}\n${indent}]`;
  }
  return text;
}

export function describeReady(rd: Ready): string {
  let text = '';
  if (rd.softState !== undefined) text += `${describeSoftState(rd.softState)}\n`;
  if (rd.hardState !== undefined) text += `HardState ${describeHardState(rd.hardState)}\n`;
  if (rd.readStates.length > 0) text += `ReadStates ${describeReadStates(rd.readStates)}\n`;
  if (rd.entries.length > 0) text += `Entries:\n${describeEntries(rd.entries)}`;
  if (rd.snapshot !== undefined) text += `Snapshot ${describeSnapshot(rd.snapshot)}\n`;
  if (rd.committedEntries.length > 0) {
    text += `CommittedEntries:\n${describeEntries(rd.committedEntries)}`;
  }
  if (rd.messages.length > 0) {
    text += `Messages:\n${rd.messages.map((m) => `${describeMessage(m)}\n`).join('')}`;
  }
  return text === '' ? '<empty Ready>' : `Ready MustSync=${rd.mustSync}:\n${text}`;
}

const progressNames: Record<ProgressState, string> = {
  [ProgressState.Probe]: 'StateProbe',
  [ProgressState.Replicate]: 'StateReplicate',
  [ProgressState.Snapshot]: 'StateSnapshot',
};

export function describeProgress(progress: Progress): string {
  let text = `${progressNames[progress.state]} match=${progress.match} next=${progress.next}`;
  if (progress.isLearner) text += ' learner';
  if (progress.isPaused()) text += ' paused';
  if (progress.pendingSnapshot > 0) text += ` pendingSnap=${progress.pendingSnapshot}`;
  if (!progress.recentActive) text += ' inactive';
  const { inflights } = progress;
  if (inflights.count > 0) text += ` inflight=${inflights.count}${inflights.full() ? '[full]' : ''}`;
  return text;
}

const errorTexts: Partial<Record<RaftErrorCode, string>> = {
  PROPOSAL_DROPPED: 'raft proposal dropped',
  STEP_LOCAL_MESSAGE: 'raft: cannot step raft local message',
  STEP_PEER_NOT_FOUND: 'raft: cannot step as peer not found',
  COMPACTED: 'requested index is unavailable due to compaction',
  UNAVAILABLE: 'requested entry at index is unavailable',
  SNAPSHOT_OUT_OF_DATE: 'requested index is older than the existing snapshot',
  SNAPSHOT_TEMPORARILY_UNAVAILABLE: 'snapshot is temporarily unavailable',
};

export function describeError(error: RaftError): string {
  return errorTexts[error.code] ?? error.message;
}
