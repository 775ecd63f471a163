import { firstStep } from './first-members.js';
import { membershipStep } from './membership.js';
import type { Observed } from './observed.js';
import { leaderlessStep } from './recovery.js';
import { rollStep } from './roll.js';
import { enoughPods, surplus } from './size.js';
import type { Step } from './step.js';

/**
 * The next step for the members of a cluster, from what is there alone. In this order: enough pods; the record of the first
 * members; a leader; a membership of the wanted places; no pods and volumes beyond it; and every pod as it is wanted.
 */
export function nextStep(observed: Observed): Step {
  return (
    enoughPods(observed) ??
    firstStep(observed) ??
    leaderlessStep(observed) ??
    membershipStep(observed) ??
    surplus(observed) ??
    rollStep(observed) ?? { kind: 'done' }
  );
}
