import type { StorageWrite } from '../storage/storage.js';

/**
 * Writes that the storage has not confirmed. Each attempt brings all of them, the oldest first, so that one that failed
 * (a full disk) loses nothing and the newest value of a key is always the last.
 */
export class Unwritten {
  #writes: StorageWrite[] = [];
  /** How many were confirmed before the first of #writes. */
  #confirmed = 0;
  /** Attempts that have not ended: what they will confirm is counted by place, so nothing may move meanwhile. */
  #underWay = 0;

  get all(): readonly StorageWrite[] {
    return this.#writes;
  }

  /** An attempt with all of it is under way. */
  begin(): void {
    this.#underWay++;
  }

  /**
   * The attempt failed. As long as attempts fail, only the last value of each key is kept: a disk that stays full must not
   * make the list grow with every keepalive.
   */
  fail(): void {
    if (--this.#underWay > 0) return;
    const last = new Map<string, StorageWrite>();
    for (const write of this.#writes) {
      const key = textOf(write.key);
      last.delete(key);
      last.set(key, write);
    }
    this.#writes = [...last.values()];
  }

  add(writes: readonly StorageWrite[]): void {
    for (const write of writes) this.#writes.push(write);
  }

  /** Where the writes end at this moment: what a successful attempt made now has to confirm. */
  get end(): number {
    return this.#confirmed + this.#writes.length;
  }

  confirm(end: number): void {
    this.#underWay--;
    if (end <= this.#confirmed) return;
    this.#writes = this.#writes.slice(end - this.#confirmed);
    this.#confirmed = end;
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
