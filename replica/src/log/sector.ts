/** The unit that a disk writes whole or not at all. Batches start and end on its bounds. */
export const SECTOR_BYTES = 512;

export function roundUpToSector(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
}

/** The offset just after the last sector of bytes[start, end) that holds anything but zeros, or `start`. */
export function endOfNonZero(bytes: Buffer, start: number, end: number): number {
  for (let at = end; at > start; at -= SECTOR_BYTES) {
    const sector = Math.max(start, at - SECTOR_BYTES);
    if (bytes.compare(ZEROS, 0, at - sector, sector, at) !== 0) return at;
  }
  return start;
}

const ZEROS = Buffer.alloc(SECTOR_BYTES);
