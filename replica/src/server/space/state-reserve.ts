import { appendFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { roomBytes, SPARED_BYTES } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';
import { isFullDisk } from './full-disk.js';

/** What RocksDB's own log may hold when it was written at full speed, and some more: its memtables are 4 MiB each. */
const RESERVE_BYTES = 24 * 1024 * 1024;
/** RocksDB's purge of what it does not need any more takes some milliseconds. */
const REGAIN_MS = 500;
const REGAIN_STEP_MS = 20;

/** So much a second while the replica runs: it is written on the event loop. */
const GROWTH_BYTES = 1024 * 1024;
const GROWTH_INTERVAL_MS = 1000;

/** Room for a state to be opened on a full disk: RocksDB writes what its own log holds before it opens. */
export class StateReserve {
  readonly #file: string;

  constructor(private readonly dataPath: string) {
    this.#file = join(dataPath, 'state.reserve');
  }

  /** Makes it when a state was opened that needed nothing of it. */
  keep(): void {
    this.#grow(RESERVE_BYTES, 0);
  }

  /**
   * Takes back what a start on a full disk needed, to the last byte and as soon as RocksDB gives it, which deletes its old files
   * shortly after it has opened: what is left out every time would add up over some starts.
   */
  async regain(): Promise<void> {
    for (
      let waitedMs = 0;
      waitedMs < REGAIN_MS && !this.#grow(RESERVE_BYTES, 0);
      waitedMs += REGAIN_STEP_MS
    ) {
      await sleep(REGAIN_STEP_MS);
    }
  }

  /** Makes it whole while the replica runs, little by little, whenever there is room to spare. */
  keepUp(environment: Environment): Timer {
    return environment.every(GROWTH_INTERVAL_MS, () => void this.#grow(GROWTH_BYTES, SPARED_BYTES));
  }

  /** Larger by up to `most` bytes, while `spared` of the disk's stay free; whether it is whole now. */
  #grow(most: number, spared: number): boolean {
    const missing = RESERVE_BYTES - this.#bytes;
    const added = Math.min(missing, most, roomBytes(this.dataPath) - spared);
    if (added > 0) {
      try {
        appendFileSync(this.#file, Buffer.alloc(added));
      } catch (error) {
        // Somebody took the rest of the room meanwhile: what is written counts.
        if (!isFullDisk(error)) throw error;
      }
    }
    return this.#bytes >= RESERVE_BYTES;
  }

  /** Gives its room up; false: it had none to give. */
  give(): boolean {
    const there = this.#bytes > 0;
    rmSync(this.#file, { force: true });
    return there;
  }

  get #bytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }
}
