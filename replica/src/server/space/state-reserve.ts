import { appendFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { hasRoom } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';

/** What RocksDB's own log may hold when it was written at full speed, and some more: its memtables are 4 MiB each. */
const RESERVE_BYTES = 24 * 1024 * 1024;
/** Less is not worth a file. */
const PIECE_BYTES = 1024 * 1024;

/** So much a second while the replica runs: it is written on the event loop. */
const GROWTH_BYTES = PIECE_BYTES;
const GROWTH_INTERVAL_MS = 1000;

/** Room for a state to be opened on a full disk: RocksDB writes what its own log holds before it opens. */
export class StateReserve {
  readonly #file: string;

  constructor(private readonly dataPath: string) {
    this.#file = join(dataPath, 'state.reserve');
  }

  /**
   * Makes it, or makes it larger by up to `most` bytes, as far as there is room. After a start on a full disk there may be only what
   * RocksDB has given back, so it is asked again and again.
   */
  keep(most = RESERVE_BYTES): void {
    const bytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    let wanted = Math.min(RESERVE_BYTES, bytes + most);
    while (wanted > bytes && !hasRoom(this.dataPath, wanted - bytes)) wanted -= PIECE_BYTES;
    if (wanted <= bytes) return;
    try {
      appendFileSync(this.#file, Buffer.alloc(wanted - bytes));
    } catch {
      // Somebody took the room meanwhile.
      if (bytes === 0) rmSync(this.#file, { force: true });
      else truncateSync(this.#file, bytes);
    }
  }

  /** Makes it whole again, little by little, whenever there is room. */
  keepUp(environment: Environment): Timer {
    return environment.every(GROWTH_INTERVAL_MS, () => this.keep(GROWTH_BYTES));
  }

  /** Gives its room up; false: it had none to give. */
  give(): boolean {
    const there = this.#isThere;
    rmSync(this.#file, { force: true });
    return there;
  }

  get #isThere(): boolean {
    return statSync(this.#file, { throwIfNoEntry: false }) !== undefined;
  }
}
