import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { StateStorage } from '../../state/index.js';
import type { StateFolders } from '../snapshot/state-folders.js';

/** The folders under `state/` of a data folder, each a RocksDB. */
export class DiskStateFolders implements StateFolders {
  readonly #path: string;
  readonly #open: (path: string) => Promise<StateStorage>;

  /** Makes `state/` if it is not there. */
  constructor(path: string, open: (path: string) => Promise<StateStorage>) {
    this.#path = path;
    this.#open = open;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** In the order of their numbers. */
  names(): string[] {
    const names = readdirSync(this.#path).filter((name) => /^[1-9]\d*$/.test(name));
    return names.toSorted((a, b) => Number(a) - Number(b));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  /** Makes it if it is not there. Fails while another process has it open. */
  open(name: string): Promise<StateStorage> {
    mkdirSync(this.path(name), { recursive: true, mode: 0o700 });
    return this.#open(this.path(name));
  }

  async create(name: string): Promise<StateStorage> {
    await this.remove(name);
    return this.open(name);
  }

  async sync(name: string): Promise<void> {
    syncDirectory(this.path(name));
    syncDirectory(this.#path);
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { recursive: true, force: true });
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
