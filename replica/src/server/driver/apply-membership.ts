import { isDeepStrictEqual } from 'node:util';

import {
  asV2,
  ConfChangeTransition,
  ConfChangeType,
  type ConfChangeV2,
  confChangeOf,
  type Entry,
  type RawNode,
} from '../../raft/index.js';
import {
  assert,
  type CoreChange,
  decodeMembershipChange,
  type KnownChange,
  leaveJoint,
  type Plan,
  planChange,
  type StateMachine,
} from '../../state/index.js';
import { coreConfState } from './log-storage.js';

/** What a configuration change's entry came to. */
export interface AppliedChange {
  /** Undefined: the entry leaves a joint configuration. */
  readonly change: KnownChange | undefined;
  readonly plan: Plan | undefined;
}

/**
 * Applies a configuration change. Every replica decides by its applied membership what it does; where that is nothing, the core is
 * not told, as it is for every change that the application turns down.
 */
export function applyMembership(entry: Entry, state: StateMachine, raft: RawNode): AppliedChange {
  const membership = state.membership!;
  const { context } = asV2(confChangeOf(entry)!);
  const change =
    context === undefined || context.length === 0 ? undefined : decodeMembershipChange(entry.index, context);
  const plan = change === undefined ? leaveJoint(membership) : planChange(membership, change.change);
  if (plan === undefined || 'error' in plan || plan.core === undefined) {
    state.applyMembership(entry, membership);
    return { change, plan };
  }
  // The state first: a snapshot that the core asks for now has to hold the change.
  state.applyMembership(entry, plan.membership);
  const active = raft.applyConfChange(coreChange(plan.core));
  assert(
    isDeepStrictEqual(active, coreConfState(state.membership!.confState)),
    `the core's configuration after entry ${entry.index} is not the state's`,
  );
  return { change, plan };
}

/** The core's form of a change; `context` says it in full. */
export function coreChange(change: CoreChange, context?: Uint8Array): ConfChangeV2 {
  const { Auto, JointImplicit } = ConfChangeTransition;
  switch (change.kind) {
    case 'leave':
      return { transition: Auto, changes: [], context };
    case 'learner':
      return {
        transition: Auto,
        changes: [{ type: ConfChangeType.AddLearnerNode, nodeId: change.id }],
        context,
      };
    case 'voter':
      return { transition: Auto, changes: [{ type: ConfChangeType.AddNode, nodeId: change.id }], context };
    case 'remove':
      return { transition: Auto, changes: [{ type: ConfChangeType.RemoveNode, nodeId: change.id }], context };
    case 'replace': {
      const changes = [
        { type: ConfChangeType.AddNode, nodeId: change.promoted },
        { type: ConfChangeType.RemoveNode, nodeId: change.removed },
      ];
      return { transition: JointImplicit, changes, context };
    }
  }
}
