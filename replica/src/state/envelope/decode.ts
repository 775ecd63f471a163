import { Batch, type Command } from '@aegis/proto/replica/command';
import { UnknownCommandError } from '../assert.js';

/** A command that this software knows. */
export interface KnownCommand extends Command {
  op: NonNullable<Command['op']>;
}

export interface KnownBatch extends Batch {
  commands: KnownCommand[];
}

/** Reads an entry, or stops the replica before anything of it took effect: what it does not know it must not skip. */
export function decodeBatch(
  { clusterVersion, knownVersion }: { readonly clusterVersion: number; readonly knownVersion: number },
  index: number,
  data: Uint8Array,
): KnownBatch {
  let batch: Batch;
  try {
    batch = Batch.decode(data);
  } catch (cause) {
    throw new UnknownCommandError(index, 'its data is not a batch of commands', { cause });
  }
  if (batch.version < 1) throw new UnknownCommandError(index, 'its batch names no state machine version');
  if (batch.version > knownVersion) {
    const what = `its commands need state machine version ${batch.version}, and this software knows ${knownVersion}`;
    throw new UnknownCommandError(index, what);
  }
  if (batch.version > clusterVersion) {
    const what = `its commands need state machine version ${batch.version}, and the cluster has agreed on ${clusterVersion}`;
    throw new UnknownCommandError(index, what);
  }
  if (!batch.commands.every(isKnown))
    throw new UnknownCommandError(index, 'it holds a command of an unknown kind');
  for (const { op } of batch.commands) {
    if (op.$case !== 'setClusterVersion' || op.value.version <= knownVersion) continue;
    const what = `it raises the cluster to state machine version ${op.value.version}, and this software knows ${knownVersion}`;
    throw new UnknownCommandError(index, what);
  }
  return { ...batch, commands: batch.commands };
}

function isKnown(command: Command): command is KnownCommand {
  return command.op !== undefined;
}
