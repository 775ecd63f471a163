import { Unwritten } from './rows/unwritten.js';
import type { State } from './state.js';
import type { StateStorage, StorageWrite } from './storage/storage.js';

/** Brings what apply has written to the storage, coalesced, and knows how far the storage has come. */
export class WriteBack {
  readonly #unwritten = new Unwritten();
  /** Applied indexes. Invariant: durable ≤ flushed ≤ applied. */
  #flushedIndex = 0;
  #durableIndex = 0;

  constructor(readonly storage: StateStorage) {}

  get flushedIndex(): number {
    return this.#flushedIndex;
  }

  /** Of the last synced write of this process. */
  get durableIndex(): number {
    return this.#durableIndex;
  }

  /** What the storage held at a start. Whether an earlier process had synced it, nobody knows: durable is what this one syncs. */
  loaded(appliedIndex: number): void {
    this.#flushedIndex = appliedIndex;
  }

  /** What has to be laid over the rows of the storage to have those of now, but for the meta row. */
  unflushed({ rows }: State): StorageWrite[] {
    return [...this.#unwritten.all, ...rows.peek()];
  }

  /** Writes what the storage has not, together with the meta row that says that it is at `index` then. */
  async write(state: State, index: number, meta: StorageWrite, sync: boolean): Promise<void> {
    const unwritten = this.#unwritten;
    const { values } = state.kv;
    const newestValue = values.newest;
    unwritten.add(state.rows.take());
    const { all, end } = unwritten;
    unwritten.begin();
    try {
      await this.storage.write([...all, meta], { sync });
    } catch (error) {
      unwritten.fail();
      throw error;
    }
    unwritten.confirm(end);
    values.confirm(newestValue);
    // An earlier write may end after a later one.
    this.#flushedIndex = Math.max(this.#flushedIndex, index);
    if (sync) this.#durableIndex = Math.max(this.#durableIndex, index);
  }
}
