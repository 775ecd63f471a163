/** The part of the binding that is used. Keys and values go in and out as bytes. */
declare module '@nxtedition/rocksdb' {
  interface BytesOptions {
    readonly keyEncoding: 'buffer';
    readonly valueEncoding: 'buffer';
  }

  interface IteratorOptions extends BytesOptions {
    readonly gte?: Uint8Array;
    readonly lt?: Uint8Array;
    readonly reverse?: boolean;
    readonly limit?: number;
    /** Ends one read early; the next goes on. */
    readonly highWaterMarkBytes?: number;
  }

  interface RocksIterator {
    /** Keys and values by turns. Runs off the event loop. */
    _nextvAsync(
      size: number,
      options: object,
      callback: (error: Error | null, batch: { rows: Uint8Array[]; finished: boolean }) => void,
    ): void;
    _closeSync(): void;
  }

  interface RocksBatch {
    _put(key: Uint8Array, value: Uint8Array): void;
    _del(key: Uint8Array): void;
    /** Returns when the batch is in the write-ahead log, and with `sync` after its fdatasync. */
    _writeSync(options: { readonly sync: boolean }): void;
    _closeSync(): void;
  }

  export class RocksLevel {
    constructor(folder: string, options: object);
    open(): Promise<void>;
    close(): Promise<void>;
    _getManySync(keys: readonly Uint8Array[], options: object): (Uint8Array | undefined)[];
    _chainedBatch(): RocksBatch;
    _iterator(options: IteratorOptions): RocksIterator;
  }
}
