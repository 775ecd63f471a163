import { BodyWriter } from './body-writer.js';
import { crc32c } from './crc32c.js';
import { FORMAT_VERSION, HEADER_BYTES, writeHeader } from './header.js';
import { writeRecord } from './record-codec.js';
import type { LogRecord } from './record.js';
import type { Tail } from './recovery.js';
import { roundUpToSector } from './sector.js';

/** Makes the bytes of a batch in one buffer, which serves again when the batch is written. */
export class BatchEncoder {
  readonly #salt: bigint;
  readonly #out = new BodyWriter();
  #bodyEnd = 0;

  constructor(salt: bigint) {
    this.#salt = salt;
  }

  /** Encodes the body and returns how many bytes the batch takes on disk. */
  encode(...parts: readonly (readonly LogRecord[])[]): number {
    const out = this.#out;
    out.begin(HEADER_BYTES);
    for (const records of parts) for (const record of records) writeRecord(out, record);
    this.#bodyEnd = out.position;
    const bytes = roundUpToSector(out.position);
    out.zeros(bytes - out.position);
    return bytes;
  }

  /** Completes the batch encoded last for the place at the tail. The bytes are valid until the next `encode`. */
  finish(tail: Readonly<Tail>): { readonly bytes: Buffer; readonly crc: number } {
    const { bytes, position } = this.#out;
    const crc = writeHeader(bytes, 0, {
      kind: 'batch',
      version: FORMAT_VERSION,
      salt: this.#salt,
      segmentId: tail.segment.id,
      batchNumber: tail.batchNumber + 1,
      offset: tail.offset,
      length: this.#bodyEnd - HEADER_BYTES,
      bodyCrc: crc32c(bytes, HEADER_BYTES, this.#bodyEnd),
      previousCrc: tail.batchCrc,
    });
    return { bytes: bytes.subarray(0, position), crc };
  }
}
