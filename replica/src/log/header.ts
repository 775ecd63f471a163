import { crc32c } from './crc32c.js';

/**
 * The 64 bytes that begin a segment and a batch, little-endian. Magic, version and checksum keep their places in every version,
 * so that an older program can say "newer" instead of "damaged".
 *
 *  0 magic u32            16 segment id u64        40 body CRC-32C u32
 *  4 version u32          24 batch number u64      44 previous batch's header CRC u32
 *  8 salt, 8 bytes        32 offset u32            48 zeros
 *                         36 body length u32       60 CRC-32C of bytes 0-59
 */
export interface Header {
  readonly kind: HeaderKind;
  readonly version: number;
  /** Drawn once a log; tells its batches from any other log's, and from what clients write. */
  readonly salt: bigint;
  readonly segmentId: number;
  /** Counts the log's batches from 1 without gaps; 0 in a segment's header. */
  readonly batchNumber: number;
  /** Where this header stands in its segment. */
  readonly offset: number;
  /** A batch: bytes of the body. A segment: bytes of the whole file. */
  readonly length: number;
  readonly bodyCrc: number;
  /** The header CRC, which covers all of a batch, of the batch before; 0 for the log's first. */
  readonly previousCrc: number;
}

export type HeaderKind = 'segment' | 'batch';

export const HEADER_BYTES = 64;
export const FORMAT_VERSION = 1;
const CRC_AT = 60;
const MAGIC = { segment: 0x53474541, batch: 0x42474541 } as const;

/** Writes the header and returns its CRC, which the next batch repeats. */
export function writeHeader(into: Buffer, at: number, header: Header): number {
  into.writeUInt32LE(MAGIC[header.kind], at);
  into.writeUInt32LE(header.version, at + 4);
  into.writeBigUInt64LE(header.salt, at + 8);
  writeSafeInteger(into, header.segmentId, at + 16);
  writeSafeInteger(into, header.batchNumber, at + 24);
  into.writeUInt32LE(header.offset, at + 32);
  into.writeUInt32LE(header.length, at + 36);
  into.writeUInt32LE(header.bodyCrc, at + 40);
  into.writeUInt32LE(header.previousCrc, at + 44);
  into.fill(0, at + 48, at + CRC_AT);
  const crc = crc32c(into, at, at + CRC_AT);
  into.writeUInt32LE(crc, at + CRC_AT);
  return crc;
}

/** The header at `at`, or undefined if there is none whose own checksum holds. */
export function readHeader(from: Buffer, at: number): (Header & { readonly crc: number }) | undefined {
  if (at + HEADER_BYTES > from.length) return undefined;
  const magic = from.readUInt32LE(at);
  if (magic !== MAGIC.batch && magic !== MAGIC.segment) return undefined;
  const crc = from.readUInt32LE(at + CRC_AT);
  if (crc !== crc32c(from, at, at + CRC_AT)) return undefined;
  return {
    kind: magic === MAGIC.batch ? 'batch' : 'segment',
    version: from.readUInt32LE(at + 4),
    salt: from.readBigUInt64LE(at + 8),
    segmentId: readInteger(from, at + 16),
    batchNumber: readInteger(from, at + 24),
    offset: from.readUInt32LE(at + 32),
    length: from.readUInt32LE(at + 36),
    bodyCrc: from.readUInt32LE(at + 40),
    previousCrc: from.readUInt32LE(at + 44),
    crc,
  };
}

function writeSafeInteger(into: Buffer, value: number, at: number): void {
  into.writeUInt32LE(value % 0x1_0000_0000, at);
  into.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}

function readInteger(from: Buffer, at: number): number {
  return from.readUInt32LE(at) + from.readUInt32LE(at + 4) * 0x1_0000_0000;
}
