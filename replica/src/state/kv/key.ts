/**
 * A key inside the state machine: its bytes as a latin1 string, which takes one byte a byte and whose code units sort as
 * the bytes do.
 */
export type Key = string;

export function keyOf(bytes: Uint8Array): Key {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function bytesOf(key: Key): Buffer {
  return Buffer.from(key, 'latin1');
}
