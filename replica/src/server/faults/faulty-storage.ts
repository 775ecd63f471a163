import type { StateStorage, StorageRange, StorageRow, StorageWrite } from '../../state/index.js';
import { stall } from './stall.js';
import { untilRunning } from './faulty-disk.js';
import type { Faults } from './faults.js';

/** The state's storage with the faults of the moment. Like RocksDB's binding it is slow on the event loop itself. */
export class FaultyStorage implements StateStorage {
  readonly #storage: StateStorage;
  readonly #faults: Faults;

  constructor(storage: StateStorage, faults: Faults) {
    this.#storage = storage;
    this.#faults = faults;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#storage.get(key);
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return this.#storage.getMany(keys);
  }

  iterate(range: StorageRange): AsyncIterable<StorageRow> {
    return this.#storage.iterate(range);
  }

  /** Even a delete grows the write-ahead log. */
  async write(writes: readonly StorageWrite[], options: { readonly sync: boolean }): Promise<void> {
    const { diskFull, sync } = this.#faults;
    if (diskFull) throw new Error('IO error: No space left on device, injected by --allow-faults');
    if (options.sync && sync.failing)
      throw new Error('IO error: while fdatasync, injected by --allow-faults');
    // At once: the rows are to be seen when this call has returned.
    const written = this.#storage.write(writes, options);
    if (options.sync) stall(sync.slowMs);
    await written;
    // A real stall would hold the event loop too, and with it the way to end it.
    if (options.sync) await untilRunning(this.#faults);
  }

  close(): Promise<void> {
    return this.#storage.close();
  }
}
