import { hasRoom } from './room.js';
import { type IteratorOptions, RocksLevel } from '@nxtedition/rocksdb';
import type { StateStorage, StorageRange, StorageRow, StorageWrite } from './storage.js';

const BYTES = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;

/** For the values of versioned keys, the only rows that are read again before the next start. */
const CACHE_BYTES = 64 * 1024 * 1024;

/**
 * A quarter of it is one memtable, 4 MiB, and two of them are merged into one table: so much RocksDB's own log holds, and a start
 * has to write, besides the memtable at hand (`server/space/state-reserve.ts` keeps the room). The binding heeds it only with a
 * style of compaction; the tiered one costs the least writing.
 */
const MEMTABLES_BYTES = 16 * 1024 * 1024;

/** Rows are small and replaced soon: compressing them costs more CPU than it saves disk. */
const OPTIONS = {
  ...BYTES,
  createIfMissing: true,
  compression: false,
  walCompression: false,
  cacheSize: CACHE_BYTES,
  compaction: 'universal',
  memtableMemoryBudget: MEMTABLES_BYTES,
} as const;

const ROWS_PER_READ = 1000;
/** A read ends early here: values may be large. */
const BYTES_PER_READ = 1024 * 1024;

/** What the write-ahead log adds to a row, and more. */
const ROW_OVERHEAD_BYTES = 32;

/**
 * One RocksDB folder, everything in its default column family, its write-ahead log on. The binding writes on the event
 * loop: a write is in when the call returns.
 */
export class RocksStorage implements StateStorage {
  readonly #readings = new Set<Reading>();

  private constructor(
    private readonly db: RocksLevel,
    private readonly folder: string,
  ) {}

  /** Makes the folder if it is not there. Fails while another process has it open. */
  static async open(folder: string): Promise<RocksStorage> {
    const db = new RocksLevel(folder, OPTIONS);
    await db.open();
    return new RocksStorage(db, folder);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.getMany([key])[0];
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return this.db._getManySync(keys, BYTES);
  }

  iterate({ from, to, limit, reverse = false }: StorageRange): AsyncIterable<StorageRow> {
    const options: IteratorOptions = {
      ...BYTES,
      highWaterMarkBytes: BYTES_PER_READ,
      reverse,
      ...(from === undefined ? {} : { gte: from }),
      ...(to === undefined ? {} : { lt: to }),
      ...(limit === undefined ? {} : { limit }),
    };
    // The iterator sees the database as it is at this moment, not at the first read.
    const reading = new Reading(this.db._iterator(options));
    const readings = this.#readings;
    readings.add(reading);
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for (let done = false; !done;) {
            const { rows, finished } = await reading.next();
            for (let at = 0; at < rows.length; at += 2) yield { key: rows[at]!, value: rows[at + 1]! };
            done = finished;
          }
        } finally {
          readings.delete(reading);
          await reading.close();
        }
      },
    };
  }

  /** Refuses on a nearly full disk: what RocksDB cannot append in whole stops it until it is opened anew. */
  async write(writes: readonly StorageWrite[], { sync }: { readonly sync: boolean }): Promise<void> {
    let bytes = 0;
    for (const { key, value } of writes) bytes += key.length + (value?.length ?? 0) + ROW_OVERHEAD_BYTES;
    if (!hasRoom(this.folder, bytes)) throw new Error(`no space left on the device of ${this.folder}`);
    const batch = this.db._chainedBatch();
    try {
      for (const { key, value } of writes) {
        if (value === undefined) batch._del(key);
        else batch._put(key, value);
      }
      batch._writeSync({ sync });
    } finally {
      batch._closeSync();
    }
  }

  /** Iterations that are not at their end fail from here on. */
  async close(): Promise<void> {
    for (const reading of this.#readings) await reading.close();
    this.#readings.clear();
    await this.db.close();
  }
}

interface ReadRows {
  /** Keys and values by turns. */
  readonly rows: Uint8Array[];
  readonly finished: boolean;
}

/** An iterator that can be closed at any time: while it reads, as soon as it has read. */
class Reading {
  #closed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly iterator: ReturnType<RocksLevel['_iterator']>) {}

  next(): Promise<ReadRows> {
    if (this.#closed) return Promise.reject(new Error('the storage is closed'));
    const read = new Promise<ReadRows>((resolve, reject) => {
      this.iterator._nextvAsync(ROWS_PER_READ, {}, (error, batch) =>
        error === null ? resolve(batch) : reject(error),
      );
    });
    this.#last = read.catch(() => {});
    return read;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    this.iterator._closeSync();
  }
}
