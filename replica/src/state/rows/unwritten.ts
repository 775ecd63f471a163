import type { StorageWrite } from '../storage/storage.js';

/**
 * Writes that the storage has not confirmed. Each attempt brings all of them, the oldest first, so that one that failed
 * (a full disk) loses nothing and the newest value of a key is always the last.
 */
export class Unwritten {
  #writes: StorageWrite[] = [];
  /** How many were confirmed before the first of #writes. */
  #confirmed = 0;

  get all(): readonly StorageWrite[] {
    return this.#writes;
  }

  add(writes: readonly StorageWrite[]): void {
    for (const write of writes) this.#writes.push(write);
  }

  /** Where the writes end at this moment: what a successful attempt made now has to confirm. */
  get end(): number {
    return this.#confirmed + this.#writes.length;
  }

  confirm(end: number): void {
    if (end <= this.#confirmed) return;
    this.#writes = this.#writes.slice(end - this.#confirmed);
    this.#confirmed = end;
  }
}
