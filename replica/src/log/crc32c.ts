import assert from 'node:assert/strict';

/**
 * CRC-32C (Castagnoli), sliced by sixteen over whole words: 2.2 GB/s, so 100 entries of 256 bytes cost 12 µs. Native
 * packages and zlib's CRC-32 reach 5 GB/s. That would save 7 µs of the 140 µs of CPU of such a batch, and put a
 * binary, or a code that finds fewer errors, on the one path that must never fail.
 */
const POLYNOMIAL_REVERSED = 0x82f63b78;
const SLICES = 16;
const TABLE = buildTable();

assert(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, 'AEGIS runs on little-endian machines');

/** Slice s holds at [256 s + byte] what that byte does to the checksum s bytes later. */
function buildTable(): Int32Array {
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const previous = table[at - 256]!;
    table[at] = (previous >>> 8) ^ table[previous & 0xff]!;
  }
  return table;
}

/** The checksum of bytes[start, end) as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const misaligned = (bytes.byteOffset + start) & 3;
  const wordsStart = Math.min(end, misaligned === 0 ? start : start + 4 - misaligned);
  const blocks = (end - wordsStart) >>> 4;
  let crc = byBytes(-1, bytes, start, wordsStart);
  if (blocks > 0)
    crc = byBlocks(crc, new Int32Array(bytes.buffer, bytes.byteOffset + wordsStart, blocks * 4));
  return ~byBytes(crc, bytes, wordsStart + blocks * 16, end) >>> 0;
}

function byBytes(from: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = from;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return crc;
}

/** Four words a round, written out: the lookups then run side by side. */
function byBlocks(from: number, words: Int32Array): number {
  let crc = from;
  for (let at = 0; at < words.length; at += 4) {
    const a = crc ^ words[at]!;
    const b = words[at + 1]!;
    const c = words[at + 2]!;
    const d = words[at + 3]!;
    crc =
      TABLE[3840 + (a & 0xff)]! ^
      TABLE[3584 + ((a >>> 8) & 0xff)]! ^
      TABLE[3328 + ((a >>> 16) & 0xff)]! ^
      TABLE[3072 + (a >>> 24)]! ^
      TABLE[2816 + (b & 0xff)]! ^
      TABLE[2560 + ((b >>> 8) & 0xff)]! ^
      TABLE[2304 + ((b >>> 16) & 0xff)]! ^
      TABLE[2048 + (b >>> 24)]! ^
      TABLE[1792 + (c & 0xff)]! ^
      TABLE[1536 + ((c >>> 8) & 0xff)]! ^
      TABLE[1280 + ((c >>> 16) & 0xff)]! ^
      TABLE[1024 + (c >>> 24)]! ^
      TABLE[768 + (d & 0xff)]! ^
      TABLE[512 + ((d >>> 8) & 0xff)]! ^
      TABLE[256 + ((d >>> 16) & 0xff)]! ^
      TABLE[d >>> 24]!;
  }
  return crc;
}
