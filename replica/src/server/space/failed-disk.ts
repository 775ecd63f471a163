import { LogError } from '../../log/index.js';
import { isFullDisk } from './full-disk.js';

/** Whether a write, a sync or a read failed because of the disk itself. RocksDB says so in its message alone. */
export function isFailedDisk(error: unknown): boolean {
  if (isFullDisk(error)) return false;
  if (error instanceof LogError) return error.code === 'IO_FAILED' || error.code === 'POISONED';
  if (!(error instanceof Error)) return false;
  return /^IO error\b/i.test(error.message) || isFailedDisk(error.cause);
}
