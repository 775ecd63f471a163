import { Tracker } from '../tracker/tracker.js';
import type { ConfState } from '../types.js';
import { Changer, type Changed } from './changer.js';
import { ConfChangeType, type ConfChangeSingle } from './conf-change.js';

function changes(type: ConfChangeType, ids: readonly number[]): ConfChangeSingle[] {
  return ids.map((nodeId) => ({ type, nodeId }));
}

/**
 * Builds a stored configuration with the same steps by which it once came about, so that one set of rules guards both.
 * `tracker` must be empty; it is not changed, only its window sizes are taken.
 */
export function restoreConfig(tracker: Tracker, lastIndex: number, state: ConfState): Changed {
  const scratch = new Tracker(tracker.maxInflight, tracker.maxInflightBytes);
  const step = (change: (changer: Changer) => Changed) => {
    const { config, progress } = change(new Changer(scratch, lastIndex));
    scratch.switchTo(config, progress);
  };
  const incoming = [
    ...changes(ConfChangeType.AddNode, state.voters),
    ...changes(ConfChangeType.AddLearnerNode, state.learners),
    ...changes(ConfChangeType.AddLearnerNode, state.learnersNext),
  ];
  if (state.votersOutgoing.length === 0) {
    for (const one of incoming) step((changer) => changer.simple([one]));
  } else {
    // First the old voters alone; then enter the joint configuration by replacing all of them with the new ones.
    for (const one of changes(ConfChangeType.AddNode, state.votersOutgoing)) {
      step((changer) => changer.simple([one]));
    }
    const leaving = changes(ConfChangeType.RemoveNode, state.votersOutgoing);
    step((changer) => changer.enterJoint(state.autoLeave, [...leaving, ...incoming]));
  }
  return { config: scratch.config, progress: scratch.progress };
}
