import { setTimeout as sleep } from 'node:timers/promises';

import { type Disk, type DiskFile, LogError } from '../../log/index.js';
import type { Faults } from './faults.js';

/** The log's disk with the faults of the moment. */
export function faultyDisk(disk: Disk, faults: Faults): Disk {
  const synced = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
    await untilRunning(faults);
    if (faults.sync.failing) throw injectedFailure(file);
    const result = await work();
    await sleep(faults.sync.slowMs);
    return result;
  };
  return {
    path: disk.path,
    list: () => disk.list(),
    create: async (name) => {
      if (faults.diskFull) throw injectedFull(name);
      return new FaultyFile(name, await disk.create(name), 0, faults);
    },
    open: async (name) => {
      const bytes = (await disk.list()).find((entry) => entry.name === name)?.bytes ?? 0;
      return new FaultyFile(name, await disk.open(name), bytes, faults);
    },
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    syncDirectory: () => synced(disk.path, () => disk.syncDirectory()),
  };
}

class FaultyFile implements DiskFile {
  readonly #name: string;
  readonly #file: DiskFile;
  readonly #faults: Faults;
  #bytes: number;

  constructor(name: string, file: DiskFile, bytes: number, faults: Faults) {
    this.#name = name;
    this.#file = file;
    this.#bytes = bytes;
    this.#faults = faults;
  }

  async writeDurably(bytes: Uint8Array, offset: number): Promise<void> {
    const faults = this.#faults;
    await untilRunning(faults);
    const end = offset + bytes.length;
    if (faults.diskFull && end > this.#bytes) throw injectedFull(this.#name);
    if (faults.sync.failing) {
      // Nobody knows what a failed sync has left: nothing, a part, or all of it.
      const part = Math.floor(bytes.length * Math.min(1, 1.5 * Math.random()));
      if (part > 0) await this.#file.writeDurably(bytes.subarray(0, part), offset);
      throw injectedFailure(this.#name, offset);
    }
    await this.#file.writeDurably(bytes, offset);
    this.#bytes = Math.max(this.#bytes, end);
    if (faults.sync.slowMs > 0) await sleep(faults.sync.slowMs);
  }

  read(into: Uint8Array, offset: number): Promise<number> {
    return this.#file.read(into, offset);
  }

  readSync(into: Uint8Array, offset: number): number {
    return this.#file.readSync(into, offset);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Waits while syncs are stalled. */
export async function untilRunning(faults: Faults): Promise<void> {
  while (faults.sync.stalled) await faults.change();
}

function injectedFailure(file: string, offset?: number): LogError {
  const place = offset === undefined ? { file } : { file, offset };
  return new LogError('IO_FAILED', { ...place, seen: 'EIO: i/o error, injected by --allow-faults' });
}

function injectedFull(file: string): LogError {
  return new LogError('NO_SPACE', {
    file,
    seen: 'ENOSPC: no space left on device, injected by --allow-faults',
  });
}
