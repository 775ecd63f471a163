import { assert } from '../assert.js';
import type { EntryRecord } from '../hash/entry-record.js';
import type { StorageWrite } from '../storage/storage.js';
import type { Row } from './row.js';

/** What a row costs in a batch besides its key and value, roughly. */
const ROW_OVERHEAD_BYTES = 16;

/**
 * The overlay over the storage: every write of apply goes into the hash at once and into the storage with the next
 * flush, where only the last value of a key counts. A row that came and went between two flushes is never written.
 */
export class Rows {
  #changed: Row[] = [];
  #bytes = 0;

  constructor(private readonly record: EntryRecord) {}

  put(row: Row, value: Uint8Array): void {
    this.record.put(row.key, value);
    this.#bytes += value.length - (row.value?.length ?? 0);
    row.value = value;
    this.#change(row);
  }

  /** The row must have been put and not deleted since; nothing may be done with it afterwards. */
  delete(row: Row): void {
    assert(row.stored || row.value !== undefined, 'deletes a row that is not there');
    this.record.delete(row.key);
    this.#bytes -= row.value?.length ?? 0;
    row.value = undefined;
    this.#change(row);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The writes that bring the storage up to now; from here on they count as written, and Unwritten sees to it. */
  take(): StorageWrite[] {
    const writes = this.peek();
    for (const row of this.#changed) {
      row.stored = row.value !== undefined;
      row.value = undefined;
      row.changed = false;
    }
    this.#changed = [];
    this.#bytes = 0;
    return writes;
  }

  /** The same without taking them. */
  peek(): StorageWrite[] {
    const writes: StorageWrite[] = [];
    for (const row of this.#changed) {
      if (row.value !== undefined || row.stored) writes.push({ key: row.key, value: row.value });
    }
    return writes;
  }

  #change(row: Row): void {
    if (row.changed) return;
    row.changed = true;
    this.#changed.push(row);
    this.#bytes += row.key.length + ROW_OVERHEAD_BYTES;
  }
}
