import type { Disk, DiskFile } from './disk.js';
import { LogError } from './errors.js';
import { FORMAT_VERSION, readHeader, writeHeader } from './header.js';
import { SECTOR_BYTES } from './sector.js';

/** An open segment: a file of fixed size whose first sector is its header and whose rest is batches, then zeros. */
export interface Segment {
  readonly id: number;
  readonly name: string;
  readonly file: DiskFile;
  /** Size of the file. Invariant: a multiple of SECTOR_BYTES, at least SEGMENT_BYTES_MIN. */
  readonly bytes: number;
}

export const SEGMENT_BYTES_MIN = 16 * 1024;
/** Offsets within a segment are 32-bit numbers, and a segment is read whole at start. */
export const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;
/** Where a segment's first batch stands. */
export const FIRST_BATCH_OFFSET = SECTOR_BYTES;

/** The first sector of a segment. */
export function segmentHeader(salt: bigint, id: number, bytes: number): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  writeHeader(sector, 0, {
    kind: 'segment',
    version: FORMAT_VERSION,
    salt,
    segmentId: id,
    batchNumber: 0,
    offset: 0,
    length: bytes,
    bodyCrc: 0,
    previousCrc: 0,
  });
  return sector;
}

/** Refuses a file that is not the segment its name says, in this log; returns the salt, which the first one sets. */
export async function checkSegmentHeader(disk: Disk, segment: Segment, salt?: bigint): Promise<bigint> {
  const file = `${disk.path}/${segment.name}`;
  const sector = Buffer.alloc(SECTOR_BYTES);
  const read = await segment.file.read(sector, 0);
  const header = readHeader(sector.subarray(0, read), 0);
  if (!header || header.kind !== 'segment') {
    throw new LogError('DAMAGED', { file, offset: 0, seen: 'the header of the segment is not valid' });
  }
  if (header.version > FORMAT_VERSION) {
    const seen = `format version ${header.version}, this program knows ${FORMAT_VERSION}`;
    throw new LogError('NEWER_VERSION', { file, offset: 0, seen });
  }
  if (salt !== undefined && header.salt !== salt) throw new LogError('FOREIGN_SALT', { file, offset: 0 });
  if (header.segmentId !== segment.id) {
    throw new LogError('WRONG_SEGMENT', { file, offset: 0, seen: `it holds segment ${header.segmentId}` });
  }
  if (header.length !== segment.bytes) {
    const seen = `${segment.bytes} bytes, made with ${header.length}`;
    throw new LogError('SEGMENT_TRUNCATED', { file, seen });
  }
  return header.salt;
}
