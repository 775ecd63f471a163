import { BodyReader, MalformedBody } from './body-reader.js';
import { crc32c } from './crc32c.js';
import { LogError } from './errors.js';
import { FORMAT_VERSION, HEADER_BYTES, readHeader, type Header } from './header.js';
import { readRecords } from './record-codec.js';
import type { LogRecord } from './record.js';
import { roundUpToSector, SECTOR_BYTES } from './sector.js';
import { FIRST_BATCH_OFFSET } from './segment.js';

/** A batch found on disk with its checksums holding. */
export interface FoundBatch {
  readonly offset: number;
  /** Header, body and padding. */
  readonly bytes: number;
  readonly number: number;
  /** Of the header, thus of the whole batch. */
  readonly crc: number;
  readonly previousCrc: number;
  readonly records: readonly LogRecord[];
}

/** Whose batches are looked for, and what to call the place in an error. */
export interface SegmentIdentity {
  readonly salt: bigint;
  readonly segmentId: number;
  /** With its folder. */
  readonly file: string;
}

/**
 * The valid batches of a segment's content, in order. It ends at the first place where none stands; whether that is
 * the end, a torn tail or damage is for the caller to find out. Throws for a batch that is valid but cannot be here.
 */
export function* walkBatches(content: Buffer, identity: SegmentIdentity): Generator<FoundBatch> {
  let offset = FIRST_BATCH_OFFSET;
  for (;;) {
    const batch = readBatchAt(content, offset, offset, identity);
    if (!batch) return;
    yield batch;
    offset += batch.bytes;
  }
}

/**
 * The batch that begins at `at` in `content`, which is at `offset` in its segment; undefined if none is there whole.
 */
export function readBatchAt(
  content: Buffer,
  at: number,
  offset: number,
  identity: SegmentIdentity,
): FoundBatch | undefined {
  const header = readHeader(content, at);
  if (header?.kind !== 'batch') return undefined;
  refuseStranger(header, offset, identity);
  const bodyStart = at + HEADER_BYTES;
  const bodyEnd = bodyStart + header.length;
  const bytes = roundUpToSector(HEADER_BYTES + header.length);
  if (at + bytes > content.length || crc32c(content, bodyStart, bodyEnd) !== header.bodyCrc) return undefined;
  return {
    offset,
    bytes,
    number: header.batchNumber,
    crc: header.crc,
    previousCrc: header.previousCrc,
    records: decode(content, bodyStart, bodyEnd, offset, identity),
  };
}

/**
 * The offset of a batch header of this segment at `from` or later, if there is one. Its own fields prove it: a client's
 * value cannot hold the salt, the offset and a checksum over both by chance.
 */
export function findHeader(content: Buffer, from: number, identity: SegmentIdentity): number | undefined {
  for (let offset = from; offset + HEADER_BYTES <= content.length; offset += SECTOR_BYTES) {
    const header = readHeader(content, offset);
    if (
      header?.kind === 'batch' &&
      header.salt === identity.salt &&
      header.segmentId === identity.segmentId &&
      header.offset === offset
    ) {
      return offset;
    }
  }
  return undefined;
}

function refuseStranger(header: Header, offset: number, { salt, segmentId, file }: SegmentIdentity): void {
  if (header.version > FORMAT_VERSION) {
    const seen = `format version ${header.version}, this program knows ${FORMAT_VERSION}`;
    throw new LogError('NEWER_VERSION', { file, offset, seen });
  }
  if (header.salt !== salt) throw new LogError('FOREIGN_SALT', { file, offset });
  if (header.segmentId !== segmentId) {
    throw new LogError('WRONG_SEGMENT', { file, offset, seen: `a batch of segment ${header.segmentId}` });
  }
  if (header.offset !== offset) {
    throw new LogError('DAMAGED', { file, offset, seen: `a batch that belongs at byte ${header.offset}` });
  }
}

function decode(
  content: Buffer,
  start: number,
  end: number,
  offset: number,
  { file }: SegmentIdentity,
): LogRecord[] {
  try {
    return readRecords(new BodyReader(content, start, end));
  } catch (cause) {
    if (!(cause instanceof MalformedBody)) throw cause;
    throw new LogError('UNDECODABLE', { file, offset, seen: cause.message, cause });
  }
}
