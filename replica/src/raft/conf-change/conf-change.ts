export const ConfChangeType = { AddNode: 0, RemoveNode: 1, UpdateNode: 2, AddLearnerNode: 3 } as const;
export type ConfChangeType = (typeof ConfChangeType)[keyof typeof ConfChangeType];

export const ConfChangeTransition = {
  /** Without joint consensus where one change at a time is enough, else as JointImplicit. */
  Auto: 0,
  /** Always joint, and left automatically. */
  JointImplicit: 1,
  /** Always joint, until an empty change is proposed. */
  JointExplicit: 2,
} as const;
export type ConfChangeTransition = (typeof ConfChangeTransition)[keyof typeof ConfChangeTransition];

export interface ConfChangeSingle {
  type: ConfChangeType;
  /** 0: the application withdrew the change before applying it; it is skipped. */
  nodeId: number;
}

/** Version 1: one change, never joint. */
export interface ConfChange extends ConfChangeSingle {
  id?: number;
  context?: Uint8Array | undefined;
}

/** Version 2: any number of changes at once. None at all, with transition Auto, leaves a joint configuration. */
export interface ConfChangeV2 {
  transition: ConfChangeTransition;
  changes: ConfChangeSingle[];
  context?: Uint8Array | undefined;
}

export type AnyConfChange = ConfChange | ConfChangeV2;

export function isV2(change: AnyConfChange): change is ConfChangeV2 {
  return 'changes' in change;
}

export function asV2(change: AnyConfChange): ConfChangeV2 {
  if (isV2(change)) return change;
  const { type, nodeId, context } = change;
  return { transition: ConfChangeTransition.Auto, changes: [{ type, nodeId }], context };
}

export function leavesJoint(change: ConfChangeV2): boolean {
  return change.transition === ConfChangeTransition.Auto && change.changes.length === 0;
}

/** Whether the change goes through joint consensus, and then whether that is left automatically. */
export function entersJoint(change: ConfChangeV2): { autoLeave: boolean } | undefined {
  if (change.transition === ConfChangeTransition.Auto && change.changes.length <= 1) return undefined;
  return { autoLeave: change.transition !== ConfChangeTransition.JointExplicit };
}
