import { checkWhole, invalid } from '../lock/options.js';

/**
 * A key or a value: bytes, or text that is taken as UTF-8. Bytes are not copied: leave them as they are until the answer
 * has come. What comes back is always a Buffer.
 */
export type Bytes = string | Uint8Array;

/** The name of a revision: those of a store begin at 1. */
export function checkRevision(what: string, revision: number | undefined, min: number = 1): number {
  return revision === undefined ? 0 : checkWhole(what, revision, min, Number.MAX_SAFE_INTEGER);
}

export function bytesOf(bytes: Bytes): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes, 'utf8');
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function keyOf(key: Bytes): Buffer {
  const bytes = bytesOf(key);
  if (bytes.length === 0) throw invalid('key: it is empty; a key has at least one byte');
  return bytes;
}
