import type { StorageRow } from '../../state/index.js';

const LENGTH_BYTES = 4;

/** Bytes of a chunk that cannot be rows: whoever sent them is broken. */
export class MalformedRows extends Error {
  override readonly name = 'MalformedRows';
}

/** Gathers rows into the bytes of one chunk: key and value by turns, each after its length. */
export class ChunkBuilder {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add({ key, value }: StorageRow): void {
    for (const part of [key, value]) {
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(part.length);
      this.#parts.push(length, part);
      this.#bytes += LENGTH_BYTES + part.length;
    }
  }

  /** What was gathered, and begins anew. */
  take(): Buffer {
    const chunk = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return chunk;
  }
}

/** The rows of a chunk as views into it. Throws MalformedRows. */
export function readRows(chunk: Uint8Array): StorageRow[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const rows: StorageRow[] = [];
  let at = 0;
  const next = (): Uint8Array => {
    if (at + LENGTH_BYTES > chunk.length) throw new MalformedRows('a chunk ends within a length');
    const from = at + LENGTH_BYTES;
    at = from + view.getUint32(at);
    if (at > chunk.length) throw new MalformedRows('a chunk ends within a row');
    return chunk.subarray(from, at);
  };
  while (at < chunk.length) rows.push({ key: next(), value: next() });
  return rows;
}
