import { Batch, Command } from '@aegis/proto/replica/command';

import { MemoryStorage, StateMachine } from '../../state/index.js';
import { CHANGES } from './requests.js';

export const CLUSTER = '6fb5d3a2-0000-4000-8000-000000000001';

/** A state in which the usual inputs find something: leases, a lock with a queue, a leader, keys with a history. */
export async function stateWithContents(): Promise<StateMachine> {
  const state = await StateMachine.open(new MemoryStorage());
  const address = (port: number): string => `127.0.0.1:${port}`;
  await state.bootstrap({
    clusterId: CLUSTER,
    members: [
      {
        id: 1,
        nonce: '0'.repeat(32),
        name: 'one',
        peerAddress: address(1),
        clientAddress: address(2),
        metricsAddress: address(3),
        learner: false,
      },
    ],
    confState: { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
    removedNonces: [],
    nextMemberId: 2,
  });
  // Not the compaction: a short history is dull.
  for (const change of CHANGES.slice(0, -1)) applyCommands(state, [Command.fromJSON(change)]);
  await state.sync();
  return state;
}

export function applyCommands(state: StateMachine, commands: readonly Command[]) {
  const index = state.appliedIndex + 1;
  const stampMs = 1_000_000 + index * 10;
  const data = Batch.encode({
    version: 1,
    origin: 1,
    number: index,
    stampMs,
    commands: [...commands],
  }).finish();
  return state.apply({ term: 1, index, data });
}
