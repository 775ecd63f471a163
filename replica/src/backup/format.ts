import { createHash } from 'node:crypto';

import { crc32c } from '../log/crc32c.js';

/** The layout of a backup, byte by byte: docs/backup-format.md. */

export const MAGIC = Buffer.from('AEGISBAK', 'latin1');
/** Rises when older software could no longer read what is written. */
export const FORMAT_VERSION = 1;

/** Magic, format version, CRC-32C of both. Stays like this in every format, so that a newer one can be told. */
export const PREFIX_BYTES = 16;
/** Type, length of the payload, its CRC-32C, and the CRC-32C of these nine bytes: a length is proved before it is believed. */
export const FRAME_HEAD_BYTES = 13;
/** Of a payload. More than any row with what is before it in its chunk. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export const FRAME = { header: 1, rows: 2, end: 3 } as const;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export function prefixBytes(): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32BE(FORMAT_VERSION, 8);
  prefix.writeUInt32BE(crc32c(prefix, 0, 12), 12);
  return prefix;
}

/** @param checksum of the payload, where it is known already */
export function frame(type: FrameType, payload: Uint8Array, checksum: number = crc32c(payload)): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
  bytes[0] = type;
  bytes.writeUInt32BE(payload.length, 1);
  bytes.writeUInt32BE(checksum, 5);
  bytes.writeUInt32BE(crc32c(bytes, 0, 9), 9);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** What names a backup: it covers the header and, by their hash, all rows. */
export function digestOf(headerPayload: Uint8Array, contentHash: Uint8Array): Buffer {
  return createHash('sha256').update(prefixBytes()).update(headerPayload).update(contentHash).digest();
}
