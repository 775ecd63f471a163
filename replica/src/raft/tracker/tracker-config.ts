import { isJoint, type JointConfig } from '../quorum/joint.js';
import type { ConfState } from '../types.js';

/**
 * Who takes part, and how. Immutable: a change makes a new one. All lists are ascending.
 * Invariants: learners are voters of neither half; learnersNext are voters of the outgoing half; outside joint
 * consensus learnersNext is empty and autoLeave is false.
 */
export interface TrackerConfig {
  readonly voters: JointConfig;
  readonly learners: readonly number[];
  /** Voters of the outgoing half to become learners once it is gone: nobody is voter and learner at once. */
  readonly learnersNext: readonly number[];
  /** The leader leaves the joint configuration by itself once it is applied. */
  readonly autoLeave: boolean;
}

export const emptyConfig: TrackerConfig = {
  voters: { incoming: [], outgoing: [] },
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

export function confStateOf(config: TrackerConfig): ConfState {
  return {
    voters: [...config.voters.incoming],
    learners: [...config.learners],
    votersOutgoing: [...config.voters.outgoing],
    learnersNext: [...config.learnersNext],
    autoLeave: config.autoLeave,
  };
}

function sameMembers(a: readonly number[], b: readonly number[]): boolean {
  const left = [...a].sort((x, y) => x - y);
  const right = [...b].sort((x, y) => x - y);
  return left.length === right.length && left.every((id, i) => id === right[i]);
}

export function equivalentConfStates(a: ConfState, b: ConfState): boolean {
  return (
    sameMembers(a.voters, b.voters) &&
    sameMembers(a.learners, b.learners) &&
    sameMembers(a.votersOutgoing, b.votersOutgoing) &&
    sameMembers(a.learnersNext, b.learnersNext) &&
    a.autoLeave === b.autoLeave
  );
}

export function describeConfig(config: TrackerConfig): string {
  const ids = (list: readonly number[]) => `(${list.join(' ')})`;
  let text = `voters ${ids(config.voters.incoming)}`;
  if (isJoint(config.voters)) text += ` and ${ids(config.voters.outgoing)}`;
  if (config.learners.length > 0) text += `, learners ${ids(config.learners)}`;
  if (config.learnersNext.length > 0) text += `, next learners ${ids(config.learnersNext)}`;
  return config.autoLeave ? `${text}, left automatically` : text;
}
