import { Batch, Command } from '@aegis/proto/replica/command';

import { UnknownCommandError } from '../../state/assert.js';
import type { StateMachine } from '../../state/index.js';
import { same, type Target } from '../target.js';
import { applyCommands, stateWithContents } from './fresh-state.js';
import { CHANGES, HOUSEKEEPING } from './requests.js';

const INPUTS_OF_A_STATE = 2000;

let state: StateMachine | undefined;
let inputs = 0;

/** The data of a log entry, decoded in `apply` and applied to a state that has seen many others before. */
export const commands: Target = {
  name: 'commands',
  shape: 'protobuf',
  seeds: () => {
    const call = { lease: '1', grantIndex: 1, sequence: 1, lowestUnanswered: 1 };
    const all = [...CHANGES, ...HOUSEKEEPING];
    const batches = [...all.map((command) => [command]), all.map((command) => ({ ...command, call }))];
    return batches.map((commands) =>
      Batch.encode(
        Batch.fromJSON({ version: 1, origin: 4, number: 5, stampMs: 1_000_000, commands }),
      ).finish(),
    );
  },
  run: async (data) => {
    if (state === undefined || inputs++ >= INPUTS_OF_A_STATE) {
      state = await stateWithContents();
      inputs = 0;
    }
    const before = state.appliedIndex;
    try {
      state.apply({ term: 1, index: before + 1, data });
      return true;
    } catch (error) {
      const refusing = state;
      state = undefined;
      if (!(error instanceof UnknownCommandError)) throw error;
      // It refuses before anything has changed: the entry can be applied by a software that knows it.
      if (!isWhole(refusing)) throw new Error('refused half-way', { cause: error });
      state = refusing;
      return false;
    }
  },
};

function isWhole(machine: StateMachine): boolean {
  const { appliedIndex } = machine;
  try {
    applyCommands(machine, []);
  } catch {
    return false;
  }
  return machine.appliedIndex === appliedIndex + 1;
}

/** Commands as they travel from a follower to the leader. */
export const commandCodec: Target = {
  name: 'command-codec',
  shape: 'protobuf',
  seeds: () => [...CHANGES, ...HOUSEKEEPING].map((each) => Command.encode(Command.fromJSON(each)).finish()),
  run: (bytes) => {
    let command: Command;
    try {
      command = Command.decode(bytes);
    } catch (error) {
      if (error instanceof Error && !(error instanceof TypeError)) return false;
      throw error;
    }
    const once = Command.encode(command).finish();
    same(once, Command.encode(Command.decode(once)).finish(), 'a command');
    return true;
  },
};
