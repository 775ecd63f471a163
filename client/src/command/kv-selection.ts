import type { Command } from 'commander';
import type { Bytes } from '../kv/bytes.js';
import type { Selection } from '../kv/selection.js';
import { UsageError } from './exit.js';

export interface SelectionFlags {
  readonly prefix?: boolean;
  readonly fromKey?: boolean;
}

/** The arguments and flags that say which keys are meant. */
export function withSelection(command: Command): Command {
  return command
    .argument('<key>', 'the key')
    .argument('[end]', 'instead of one key: those from <key> on and before this one')
    .option('--prefix', "every key that begins with <key> ('' is all)")
    .option('--from-key', 'every key from <key> on');
}

export function selectionOf(key: Bytes, end: Bytes | undefined, flags: SelectionFlags): Selection {
  const ways = [flags.prefix === true, flags.fromKey === true, end !== undefined].filter(Boolean).length;
  if (ways > 1) throw new UsageError('--prefix, --from-key and an end of the range: choose one');
  if (flags.prefix === true) return { prefix: key };
  if (key.length === 0)
    throw new UsageError("KEY: it is empty; a key has at least one byte (all: '' --prefix)");
  if (flags.fromKey === true) return { from: key };
  if (end === undefined) return { key };
  if (end.length === 0) throw new UsageError('END: it is empty; without an end: --from-key');
  return { from: key, to: end };
}

/** Whether one key is meant. */
export function single(selection: Selection): boolean {
  return 'key' in selection;
}
