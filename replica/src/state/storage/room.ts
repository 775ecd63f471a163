import { statfsSync } from 'node:fs';

/** Kept free of writes of the state, for what RocksDB writes in the background. */
export const SPARED_BYTES = 4 * 1024 * 1024;

/** Whether the disk under a folder takes so many bytes more, and has some to spare then. */
export function hasRoom(folder: string, bytes = 0): boolean {
  return roomBytes(folder) >= bytes + SPARED_BYTES;
}

/** What the disk under a folder takes, to its last byte. */
export function roomBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
