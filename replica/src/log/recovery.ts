import type { Disk } from './disk.js';
import { LogError } from './errors.js';
import { Contradiction, type LogContents } from './log-contents.js';
import { endOfNonZero, SECTOR_BYTES } from './sector.js';
import { segmentName } from './segment-name.js';
import { FIRST_BATCH_OFFSET, type Segment } from './segment.js';
import { findHeader, walkBatches, type FoundBatch, type SegmentIdentity } from './segment-walk.js';

/** Where the next batch goes, and what it must say of the one before it. */
export interface Tail {
  segment: Segment;
  offset: number;
  /** Number of the last batch, 0 before the first. */
  batchNumber: number;
  /** Header CRC of the last batch, 0 before the first. */
  batchCrc: number;
}

/** A place in a file, for reports. */
export interface Stretch {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface Recovered {
  readonly tail: Tail;
  /** Made ahead by an earlier run, never written to. */
  readonly spare: Segment | undefined;
  /** What was cut from the end: a batch that no sync ever confirmed. */
  readonly tornTail: Stretch | undefined;
}

interface LastBatch {
  readonly segment: Segment;
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Replays the segments into `contents`, and makes certain that what was read is what the disk holds. Changes nothing
 * if it refuses. One thing it cannot know: rot within the very last batch looks as if that batch had been torn, and is
 * cut like it. Everything earlier is proved by what was written later.
 */
export class Recovery {
  readonly #disk: Disk;
  readonly #salt: bigint;
  readonly #segments: readonly Segment[];
  readonly #contents: LogContents;
  /** Undefined until a batch was read, if earlier segments were dropped. */
  #previous: { number: number; crc: number } | undefined;
  #last: LastBatch | undefined;

  constructor(disk: Disk, salt: bigint, segments: readonly Segment[], contents: LogContents) {
    this.#disk = disk;
    this.#salt = salt;
    this.#segments = segments;
    this.#contents = contents;
    if (segments[0]!.id === 1) this.#previous = { number: 0, crc: 0 };
  }

  async run(): Promise<Recovered> {
    for (const [position, segment] of this.#segments.entries()) {
      const content = await readWhole(segment);
      const { end, sealed } = this.#replay(segment, content);
      if (sealed) {
        if (position + 1 === this.#segments.length) throw this.#missing(segment.id + 1);
        continue;
      }
      await this.#refuseIfDamaged(position, content, end);
      const previous = this.#previous;
      if (!previous || !this.#contents.isComplete) throw this.#missing(this.#segments[0]!.id - 1);
      const tornTail = await this.#settle(segment, content, end);
      const tail = { segment, offset: end, batchNumber: previous.number, batchCrc: previous.crc };
      return { tail, spare: this.#segments[position + 1], tornTail };
    }
    throw new Error('unreachable: the last segment is either the tail or refused');
  }

  #replay(segment: Segment, content: Buffer): { readonly end: number; readonly sealed: boolean } {
    const identity = this.#identify(segment);
    let end = FIRST_BATCH_OFFSET;
    for (const batch of walkBatches(content, identity)) {
      this.#applyBatch(batch, identity);
      this.#last = { segment, offset: end, bytes: content.subarray(end, end + batch.bytes) };
      end += batch.bytes;
      if (batch.records.at(-1)?.kind === 'seal') return { end, sealed: true };
    }
    return { end, sealed: false };
  }

  #applyBatch(batch: FoundBatch, { file, segmentId }: SegmentIdentity): void {
    const { offset, bytes, records } = batch;
    const previous = this.#previous;
    if (previous && (batch.number !== previous.number + 1 || batch.previousCrc !== previous.crc)) {
      const seen = `batch ${batch.number} does not follow batch ${previous.number}, which is before it`;
      throw new LogError('DAMAGED', { file, offset, seen });
    }
    try {
      if (!previous && !this.#contents.beginAt(records)) {
        throw new Contradiction('it begins a segment without a checkpoint');
      }
      this.#contents.apply(records, { segmentId, offset, bytes });
    } catch (cause) {
      if (!(cause instanceof Contradiction)) throw cause;
      throw new LogError('UNDECODABLE', { file, offset, seen: cause.message, cause });
    }
    this.#previous = { number: batch.number, crc: batch.crc };
  }

  /**
   * No valid batch begins at `end`. If one stands anywhere later, then what was at `end` had been synced before that
   * one was written, and the disk lost it. A second segment ahead proves the same: it is made only when the first
   * is in use.
   */
  async #refuseIfDamaged(position: number, content: Buffer, end: number): Promise<void> {
    const segment = this.#segments[position]!;
    const identity = this.#identify(segment);
    let later = findHeader(content, end + SECTOR_BYTES, identity);
    let laterFile = segment.name;
    const next = this.#segments[position + 1];
    if (later === undefined && next) {
      later = findHeader(await readWhole(next), FIRST_BATCH_OFFSET, this.#identify(next));
      laterFile = next.name;
    }
    const afterNext = this.#segments[position + 2];
    if (later === undefined && afterNext) {
      later = 0;
      laterFile = afterNext.name;
    }
    if (later === undefined) return;
    const seen = `no valid batch begins here, yet ${laterFile} has what was written later, at byte ${later}`;
    throw new LogError('DAMAGED', { file: identity.file, offset: end, seen });
  }

  /**
   * What a read shows after a crash may be in the page cache alone. The last batch, the only one that no later batch
   * proves durable, is written once more with the same bytes; what follows it becomes zeros.
   */
  async #settle(segment: Segment, content: Buffer, end: number): Promise<Stretch | undefined> {
    const tornEnd = endOfNonZero(content, end, content.length);
    const last = this.#last;
    if (last && last.segment !== segment) await last.segment.file.writeDurably(last.bytes, last.offset);
    const start = last?.segment === segment ? last.offset : end;
    const stop = Math.max(tornEnd, end + SECTOR_BYTES);
    content.fill(0, end, stop);
    await segment.file.writeDurably(content.subarray(start, stop), start);
    await this.#disk.syncDirectory();
    return tornEnd === end ? undefined : { file: segment.name, offset: end, bytes: tornEnd - end };
  }

  #identify(segment: Segment): SegmentIdentity {
    return { salt: this.#salt, segmentId: segment.id, file: `${this.#disk.path}/${segment.name}` };
  }

  #missing(id: number): LogError {
    return new LogError('SEGMENT_MISSING', { file: `${this.#disk.path}/${segmentName(id)}` });
  }
}

async function readWhole(segment: Segment): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(segment.bytes);
  const read = await segment.file.read(content, 0);
  // The size was checked when the folder was opened; a shorter read is then a failing disk.
  if (read !== segment.bytes) {
    throw new LogError('IO_FAILED', { file: segment.name, offset: read, seen: 'the file ended early' });
  }
  return content;
}
