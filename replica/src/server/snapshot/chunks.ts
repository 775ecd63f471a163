import { createHash } from 'node:crypto';

import { crc32c } from '../../log/index.js';
import type { StateView } from '../../state/index.js';
import { ChunkBuilder } from './rows-codec.js';

export interface Chunk {
  readonly number: number;
  readonly rows: Buffer;
  readonly checksum: number;
}

/** Chunks that are kept until they are acknowledged: with the size of a chunk the memory that a transfer takes. */
const KEPT_MAX = 8;

/** Cuts a view of the state into chunks, read ahead as far as the window allows; they are kept until acknowledged. */
export class Chunks {
  readonly #rows: AsyncIterator<{ key: Uint8Array; value: Uint8Array }>;
  readonly #chunkBytes: number;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #digest = createHash('sha256');
  /** In order of their numbers, without a gap. Invariant: at most KEPT_MAX. */
  #kept: Chunk[] = [];
  #made = 0;
  #reading = false;
  #over = false;
  /** Set once there are no more rows. */
  #end: { readonly chunks: number; readonly digest: Buffer } | undefined;

  constructor(view: StateView, chunkBytes: number, changed: () => void, failed: (error: unknown) => void) {
    this.#rows = view.rows[Symbol.asyncIterator]();
    this.#chunkBytes = chunkBytes;
    this.#changed = changed;
    this.#failed = failed;
    void this.#read();
  }

  /** The oldest that was not acknowledged: whoever wants an earlier one cannot be served. */
  get oldest(): number {
    return this.#kept[0]?.number ?? this.#made;
  }

  /** Known once all chunks are made. */
  get end(): { readonly chunks: number; readonly digest: Buffer } | undefined {
    return this.#end;
  }

  /** Undefined while it is not made. */
  chunk(number: number): Chunk | undefined {
    return this.#kept[number - this.oldest];
  }

  /** All below `next` have arrived. */
  acknowledged(next: number): void {
    this.#kept = this.#kept.slice(Math.max(0, next - this.oldest));
    void this.#read();
  }

  /** Lets go of the view; resolves when nothing of it is in use. */
  async close(): Promise<void> {
    this.#over = true;
    // Asked for after the row under way: an iterator answers in order.
    await this.#rows.return?.().catch(() => {});
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#over || this.#end !== undefined) return;
    this.#reading = true;
    try {
      while (this.#kept.length < KEPT_MAX && !this.#over && this.#end === undefined) {
        await this.#make();
        if (!this.#over) this.#changed();
      }
    } catch (error) {
      this.#over = true;
      this.#failed(error);
    } finally {
      this.#reading = false;
    }
  }

  async #make(): Promise<void> {
    const builder = new ChunkBuilder();
    let done = false;
    while (!done && builder.bytes < this.#chunkBytes) {
      const next = await this.#rows.next();
      done = next.done === true;
      if (next.done !== true) builder.add(next.value);
    }
    if (builder.bytes > 0) {
      const rows = builder.take();
      this.#digest.update(rows);
      this.#kept.push({ number: this.#made++, rows, checksum: crc32c(rows) });
    }
    if (done) this.#end = { chunks: this.#made, digest: this.#digest.digest() };
  }
}
