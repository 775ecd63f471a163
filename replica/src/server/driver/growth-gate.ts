import type { Command } from '@aegis/proto/replica/command';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { costOfTxn, noSpace, type StateMachine } from '../../state/index.js';

export type Gated = { readonly command: Command } | { readonly refused: Failure };

/**
 * Keeps out of the log what apply would refuse anyway while a member has no space: the log is what is left to write to. A
 * sequenced command may be a copy of one that was made, which only apply can tell: a stand-in goes in its place.
 */
export function gateGrowth(state: StateMachine, command: Command): Gated {
  const full = state.membersWithoutSpace;
  if (full.length === 0 || !grows(state, command)) return { command };
  if (command.call === undefined) return { refused: noSpace(full) };
  return { command: { call: command.call, op: { $case: 'refuseGrowth', value: {} } } };
}

/** Only what certainly does: apply judges the rest. */
function grows(state: StateMachine, { op }: Command): boolean {
  switch (op?.$case) {
    case 'leaseGrant':
    case 'kvPut':
      return true;
    case 'kvTxn':
      return costOfTxn(op.value) > 0;
    case 'lockAcquire': {
      const { name, lease, claim } = op.value;
      return state.claim('lock', name, lease, claim) === undefined;
    }
    case 'campaign': {
      const { election, lease, claim } = op.value;
      return state.claim('election', election, lease, claim) === undefined;
    }
    default:
      return false;
  }
}
