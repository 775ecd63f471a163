/** One change of one key. Without a value: the key is deleted. */
export interface StorageWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface StorageRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface StorageRange {
  /** The first key of the range; without it, the first there is. */
  readonly from?: Uint8Array;
  /** The first key after the range; without it, there is no end. */
  readonly to?: Uint8Array;
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/**
 * An ordered map of bytes to bytes on disk. Keys sort as unsigned bytes.
 * Writes are atomic, and durable in the order in which they were made: what a synced write has made durable includes
 * every write before it. What is handed in or out must not be changed by either side.
 */
export interface StateStorage {
  get(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[];
  /** The range in the order of the keys, as it is at the moment of the call, whatever is written afterwards. Read it to the end or leave the loop: that frees it. */
  iterate(range: StorageRange): AsyncIterable<StorageRow>;
  /**
   * All of it or nothing. Reads and later iterations see it as soon as the call has returned; `sync`: it is on the disk
   * when the promise resolves.
   */
  write(writes: readonly StorageWrite[], options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}
