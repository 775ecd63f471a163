import { spawnSync } from 'node:child_process';
import { cpSync, closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Guardian } from './guardian.js';

/** Why small disks cannot be had here; undefined if they can. */
export function whyNoSmallDisks(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount a tmpfs';
  const folder = mkdtempSync(join(tmpdir(), 'aegis-mount-'));
  try {
    const { status, stderr } = mount(folder, 1);
    if (status !== 0) return `a tmpfs cannot be mounted: ${stderr.trim()}`;
    spawnSync('umount', ['-l', folder]);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A folder on a disk of its own, which can be filled. It is unmounted with everything else of its test. */
export class SmallDisk {
  readonly #folder: string;

  /** What is in the folder is on the disk afterwards. */
  constructor(guardian: Guardian, folder: string, mebibytes: number) {
    this.#folder = folder;
    const before = mkdtempSync(join(tmpdir(), 'aegis-before-'));
    cpSync(folder, before, { recursive: true });
    const unmount = `require('node:child_process').spawnSync('umount', ['-l', ${JSON.stringify(folder)}])`;
    guardian.run(`unmount ${folder}`, ['-e', unmount]);
    const { status, stderr } = mount(folder, mebibytes);
    if (status !== 0) throw new Error(`no tmpfs at ${folder}: ${stderr}`);
    cpSync(before, folder, { recursive: true });
    rmSync(before, { recursive: true });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  /** Takes all there is, as another program would. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (let piece = Buffer.alloc(1024 * 1024); ;) {
        const { bavail, bsize } = statfsSync(this.#folder);
        if (bavail === 0) return;
        piece = piece.subarray(0, Math.min(piece.length, bavail * bsize));
        writeSync(file, piece);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      fsyncSync(file);
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return join(this.#folder, 'filler');
  }
}

function mount(folder: string, mebibytes: number) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], {
    encoding: 'utf8',
  });
}
