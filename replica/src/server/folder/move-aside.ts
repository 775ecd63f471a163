import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { RefusedStart } from '../exit.js';
import { DataFolder } from './data-folder.js';

/** Of one replica, beside its folder. They take room on its volume, which its next life needs. */
const KEPT = 1;

/**
 * Renames the folder of a removed member to `<folder>.removed-<member>-<time>`, so that the next start draws a nonce of its own, and
 * deletes all but the newest of that kind. The folder must not be in use. Returns where it is now.
 *
 * @param now for the name, to a second of UTC
 */
export function moveAside(data: string, now: Date): string {
  const path = resolve(data);
  const { memberId = 0 } = DataFolder.prepare(path).identity;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const parent = dirname(path);
  const kind = `${basename(path)}.removed-`;
  const aside = join(parent, `${kind}${memberId}-${time}`);
  try {
    renameSync(path, aside);
    sync(parent);
    const older = readdirSync(parent)
      .filter((name) => name.startsWith(kind) && name !== basename(aside))
      .sort((a, b) => timeIn(b).localeCompare(timeIn(a)));
    for (const name of older.slice(KEPT - 1)) rmSync(join(parent, name), { recursive: true, force: true });
  } catch (error) {
    throw new RefusedStart(
      'removed',
      `--when-removed move-aside: ${path} cannot become ${aside}: ${(error as Error).message}. Move it by hand and start again`,
    );
  }
  return aside;
}

function timeIn(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}

function sync(folder: string): void {
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
