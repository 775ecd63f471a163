import { BatchEncoder } from './batch-encoder.js';
import type { BatchPlace } from './entry-index.js';
import { LogError } from './errors.js';
import type { LogContents } from './log-contents.js';
import type { LogRecord } from './record.js';
import type { Tail } from './recovery.js';
import { SECTOR_BYTES } from './sector.js';
import type { SegmentStock } from './segment-stock.js';
import { FIRST_BATCH_OFFSET, type Segment } from './segment.js';

/** Kept free at the end of each segment for the batch that says: go on in the next. */
const SEAL_BYTES = SECTOR_BYTES;

export interface LogWriterParts {
  readonly salt: bigint;
  readonly tail: Tail;
  readonly contents: LogContents;
  readonly stock: SegmentStock;
  /** Told of each segment that is begun. */
  readonly onSegment: (segment: Segment) => void;
}

/** Puts batches at the tail, one after the other. A failure other than before the first byte leaves it unusable. */
export class LogWriter {
  readonly #parts: LogWriterParts;
  readonly #batch: BatchEncoder;
  readonly #seal: BatchEncoder;
  readonly #tail: Tail;

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
    this.#batch = new BatchEncoder(parts.salt);
    this.#seal = new BatchEncoder(parts.salt);
    this.#tail = parts.tail;
  }

  /** The segment that holds the newest batch. */
  get newestSegmentId(): number {
    const { segment, offset } = this.#tail;
    return offset === FIRST_BATCH_OFFSET ? segment.id - 1 : segment.id;
  }

  /**
   * Resolves when the records are durable, and only then do the contents show them. Rejects with NO_SPACE or
   * BATCH_TOO_LARGE while nothing is written; any other rejection means that the disk's content is unknown.
   */
  async write(records: readonly LogRecord[]): Promise<void> {
    const { contents, stock } = this.#parts;
    const beginsSegment = this.#tail.offset === FIRST_BATCH_OFFSET;
    let bytes = beginsSegment
      ? this.#batch.encode(contents.checkpoint(), records)
      : this.#batch.encode(records);
    if (this.#tail.offset + bytes + SEAL_BYTES > this.#tail.segment.bytes) {
      const checkpoint = contents.checkpoint();
      bytes = this.#batch.encode(checkpoint, records);
      const room = stock.segmentBytes - FIRST_BATCH_OFFSET - SEAL_BYTES;
      if (bytes > room) {
        throw new LogError('BATCH_TOO_LARGE', { seen: `it takes ${bytes} bytes, a segment has ${room}` });
      }
      const next = await stock.next();
      await this.#sealAndMoveTo(next, beginsSegment ? checkpoint : []);
    }
    const place = await this.#put(this.#batch);
    contents.apply(records, place);
  }

  /** The seal lets a start tell that a segment is missing at the end. */
  async #sealAndMoveTo(next: Segment, checkpoint: readonly LogRecord[]): Promise<void> {
    this.#seal.encode(checkpoint, [{ kind: 'seal', nextSegmentId: next.id }]);
    await this.#put(this.#seal);
    this.#tail.segment = next;
    this.#tail.offset = FIRST_BATCH_OFFSET;
    this.#parts.stock.advance();
    this.#parts.onSegment(next);
  }

  async #put(encoder: BatchEncoder): Promise<BatchPlace> {
    const tail = this.#tail;
    const { bytes, crc } = encoder.finish(tail);
    const place = { segmentId: tail.segment.id, offset: tail.offset, bytes: bytes.length };
    try {
      await tail.segment.file.writeDurably(bytes, tail.offset);
    } catch (cause) {
      // A full disk here, on a file system that copies on write, leaves the place in doubt like any other failure.
      const seen = cause instanceof Error ? cause.message : String(cause);
      throw new LogError('IO_FAILED', { file: tail.segment.name, offset: tail.offset, seen, cause });
    }
    tail.offset += bytes.length;
    tail.batchNumber++;
    tail.batchCrc = crc;
    return place;
  }
}
