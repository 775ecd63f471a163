import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Guardian } from '../harness/guardian.js';

/** Room for some segments of the log, and for the state. */
const SIZE = '256m';
const BALLAST = 'ballast';

/** Only root may mount, and this is how Linux does it. */
export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;

/** Puts a folder onto a disk of its own, which is gone with the test. */
export function mountSmallDisk(guardian: Guardian, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const unmount = `require('node:child_process').spawnSync('umount', ['-l', ${JSON.stringify(folder)}])`;
  guardian.run(`unmount ${folder}`, ['-e', unmount]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'aegis-histories', folder]);
}

/** Leaves no room at all. Resolves with the way back. */
export async function fill(folder: string): Promise<() => Promise<void>> {
  const ballast = join(folder, BALLAST);
  const { bavail, bsize } = await statfs(folder);
  if (bavail > 0)
    // It may lose a race for the last pages: what it got by then stays taken.
    await promisify(execFile)('fallocate', ['-l', String(bavail * bsize), ballast]).catch(() => {});
  return () => rm(ballast, { force: true });
}

/** Removes what is in a folder. The folder stays: a disk may be mounted there. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}
