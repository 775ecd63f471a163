import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One place of the compiled replica, and what stands there instead. */
export interface Change {
  /** In the replica's compiled output. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** Applies a lease's renewal differently: what a defect of one build would do. */
export const MISAPPLIES: Change = {
  file: 'state/lease/commands.js',
  find: 'const deadlineMs = state.clock.nowMs + lease.ttlMs;',
  put: 'const deadlineMs = state.clock.nowMs + lease.ttlMs - 1;',
};

const REPLICA = fileURLToPath(new URL('../../../replica', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** The changed text of the file. Throws when the change does not fit what is compiled. */
export function changedText({ file, find, put }: Change): string {
  const source = readFileSync(join(REPLICA, 'dist', file), 'utf8');
  if (source.split(find).length !== 2)
    throw new Error(`the change does not fit: ${file} has not exactly one ${JSON.stringify(find)}`);
  return source.replace(find, () => put);
}

/**
 * Copies the compiled replica into the folder and changes the copy, one place a file. Returns the program to run; nothing of it is
 * in the product.
 */
export function changedReplica(folder: string, ...changes: readonly Change[]): string {
  const copy = join(folder, 'replica');
  mkdirSync(copy, { recursive: true });
  cpSync(join(REPLICA, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(REPLICA, 'package.json'), join(copy, 'package.json'));
  symlinkSync(MODULES, join(folder, 'node_modules'));
  for (const change of changes) writeFileSync(join(copy, 'dist', change.file), changedText(change));
  return join(copy, 'dist/server/main.js');
}
