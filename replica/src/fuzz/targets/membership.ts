import { MembershipChange } from '@aegis/proto/replica/membership';

import { decodeMembershipChange, leaveJoint, planChange, type StateMachine } from '../../state/index.js';
import { UnknownCommandError } from '../../state/assert.js';
import type { Target } from '../target.js';
import { stateWithContents } from './fresh-state.js';

const INPUTS_OF_A_STATE = 200;

let state: StateMachine | undefined;
let inputs = 0;

/** What an entry that changes the membership says, planned and applied to a membership that has seen others before. */
export const membershipChanges: Target = {
  name: 'membership-changes',
  shape: 'protobuf',
  seeds: () => {
    const learner = {
      nonce: '1'.repeat(32),
      name: 'two',
      peerAddress: '127.0.0.1:4',
      clientAddress: '127.0.0.1:5',
      metricsAddress: '127.0.0.1:6',
    };
    const changes = [
      { addLearner: learner },
      { promote: { id: 2 } },
      { remove: { id: 2 } },
      { replace: { promoted: 2, removed: 1 } },
    ];
    return changes.map((change) =>
      MembershipChange.encode(
        MembershipChange.fromJSON({ version: 1, origin: 4, number: 5, ...change }),
      ).finish(),
    );
  },
  run: async (bytes) => {
    if (state === undefined || inputs++ >= INPUTS_OF_A_STATE) {
      state = await stateWithContents();
      inputs = 0;
    }
    const entry = { term: 1, index: state.appliedIndex + 1 };
    try {
      const { change } = decodeMembershipChange(entry.index, bytes);
      const membership = state.membership!;
      const plan = planChange(membership, change);
      state.applyMembership(entry, 'membership' in plan ? plan.membership : membership);
      const left = leaveJoint(state.membership!);
      if (left !== undefined) state.applyMembership({ term: 1, index: entry.index + 1 }, left.membership);
      return true;
    } catch (error) {
      if (error instanceof UnknownCommandError) return false;
      state = undefined;
      throw error;
    }
  },
};
