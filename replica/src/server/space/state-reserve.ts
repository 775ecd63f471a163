import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hasRoom } from '../../state/index.js';

/** Less than a segment of the log, which would take it otherwise. */
const RESERVE_BYTES = 8 * 1024 * 1024;

/** Room for a state to be opened on a full disk: RocksDB writes what its own log holds before it opens. */
export class StateReserve {
  readonly #file: string;

  constructor(private readonly dataPath: string) {
    this.#file = join(dataPath, 'state.reserve');
  }

  /** Makes it if it is not there and there is room. */
  keep(): void {
    if (this.#isThere || !hasRoom(this.dataPath, RESERVE_BYTES)) return;
    try {
      writeFileSync(this.#file, Buffer.alloc(RESERVE_BYTES));
    } catch {
      rmSync(this.#file, { force: true });
    }
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
