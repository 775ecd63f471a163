import {
  asV2,
  ConfChangeTransition,
  ConfChangeType,
  type AnyConfChange,
  type ConfChangeSingle,
  type ConfState,
} from '@aegis/replica/raft';
import type { Random } from '@aegis/replica/sim';
import { hexOf } from './describe.js';

/** First byte of the context of a change that every application turns down. */
const TURNED_DOWN = 0xee;

/** A change of any kind: often a sensible one, sometimes one that the core or the application has to refuse. */
export function drawChange(random: Random, ids: readonly number[], joint: boolean): AnyConfChange {
  const context = random.chance(0.04) ? Uint8Array.of(TURNED_DOWN) : undefined;
  if (joint && random.chance(0.7)) return { transition: ConfChangeTransition.Auto, changes: [], context };
  const single = (): ConfChangeSingle => ({
    type: random.pick([
      ConfChangeType.AddNode,
      ConfChangeType.AddNode,
      ConfChangeType.AddLearnerNode,
      ConfChangeType.RemoveNode,
      random.chance(0.1) ? ConfChangeType.UpdateNode : ConfChangeType.AddNode,
    ]),
    nodeId: random.chance(0.01) ? 0 : random.pick(ids),
  });
  if (random.chance(0.3)) return { ...single(), context };
  const changes = Array.from({ length: random.pick([0, 1, 1, 1, 2, 2, 3, 4]) }, single);
  return { transition: random.pick(Object.values(ConfChangeTransition)), changes, context };
}

/** Whether the application does not want a change, for reasons of its own: all members decide alike. */
export function isUnwanted(change: AnyConfChange): boolean {
  return change.context?.[0] === TURNED_DOWN;
}

/** Whether a change can be made. The core does not check everything when it is proposed, so the application must. */
export function isPossible(state: ConfState, change: AnyConfChange): boolean {
  const { transition, changes } = asV2(change);
  const joint = state.votersOutgoing.length > 0;
  if (transition === ConfChangeTransition.Auto && changes.length === 0) return joint;
  if (joint) return false;
  const enters = transition !== ConfChangeTransition.Auto || changes.length > 1;
  if (enters && state.voters.length === 0) return false;
  return votersAfter(state, changes).size > 0;
}

function votersAfter(state: ConfState, changes: readonly ConfChangeSingle[]): Set<number> {
  const voters = new Set(state.voters);
  for (const { type, nodeId } of changes) {
    if (nodeId === 0 || type === ConfChangeType.UpdateNode) continue;
    if (type === ConfChangeType.AddNode) voters.add(nodeId);
    else voters.delete(nodeId);
  }
  return voters;
}

/** As `read.go` reads it. */
export function changeText(change: AnyConfChange): string {
  const context = change.context === undefined ? '' : hexOf(change.context);
  const single = ({ type, nodeId }: ConfChangeSingle) => `${type}.${nodeId}`;
  if ('changes' in change) {
    return `2:${change.transition}:${change.changes.map(single).join('+')}:${context}`;
  }
  return `1:${single(change)}:${context}`;
}
