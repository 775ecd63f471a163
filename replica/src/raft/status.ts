import type { Core } from './core.js';
import type { Progress } from './tracker/progress.js';
import type { TrackerConfig } from './tracker/tracker-config.js';
import { StateType } from './types.js';

export interface BasicStatus {
  id: number;
  term: number;
  vote: number;
  commit: number;
  applied: number;
  firstIndex: number;
  lastIndex: number;
  lead: number;
  state: StateType;
  leadTransferee: number;
  isLearner: boolean;
  /** Leader only: a membership change may lie in the log up to here; none can be proposed before it is applied. */
  pendingConfIndex: number;
}

export interface Status extends BasicStatus {
  config: TrackerConfig;
  /** Copies, by id ascending; empty unless this replica leads. */
  progress: ReadonlyMap<number, Progress>;
}

export function basicStatusOf(core: Core): BasicStatus {
  return {
    id: core.id,
    term: core.term,
    vote: core.vote,
    commit: core.log.committed,
    applied: core.log.applied,
    firstIndex: core.log.firstIndex(),
    lastIndex: core.log.lastIndex(),
    lead: core.lead,
    state: core.state,
    leadTransferee: core.leadTransferee,
    isLearner: core.isLearner,
    pendingConfIndex: core.pendingConfIndex,
  };
}

export function statusOf(core: Core): Status {
  const progress = new Map<number, Progress>();
  if (core.state === StateType.Leader) {
    for (const id of core.tracker.ids) progress.set(id, core.progress(id)!.clone());
  }
  return { ...basicStatusOf(core), config: core.tracker.config, progress };
}
