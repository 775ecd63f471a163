import { isNoSpace } from '../../log/index.js';

/** Whether a write failed only because the disk is full. RocksDB says so in its message alone. */
export function isFullDisk(error: unknown): boolean {
  if (isNoSpace(error)) return true;
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC' || /no space left/i.test(error.message)) return true;
  return isFullDisk(error.cause);
}
