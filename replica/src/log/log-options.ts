import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { EntrySize } from '../raft/entry-size.js';
import type { Disk } from './disk.js';
import type { LogError } from './errors.js';
import { SECTOR_BYTES } from './sector.js';
import { SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN } from './segment.js';

export interface LogOptions {
  /** The log's own folder. */
  readonly disk: Disk;
  /** The same function that the core is given. */
  readonly entrySize: EntrySize;
  /** Of segments made from now on; a batch must fit one. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** Recent entries kept in memory, in bytes of data and overhead. Default 64 MiB. */
  readonly recentBytesMax?: number;
  /** The member has had a log: an empty folder is then an error, LOG_MISSING. Default false. */
  readonly mustExist?: boolean;
  /** Draws the salt of a new log. Default: from the operating system. */
  readonly drawSalt?: () => bigint;
  /** Told once if the log fails: no append will succeed again, and the process should end. */
  readonly onFailure?: (error: LogError) => void;
}

const MEBIBYTE = 1024 * 1024;

export function withDefaults(options: LogOptions): Required<LogOptions> {
  const complete = {
    segmentBytes: 16 * MEBIBYTE,
    recentBytesMax: 64 * MEBIBYTE,
    mustExist: false,
    drawSalt: () => randomBytes(8).readBigUInt64LE(),
    onFailure: () => {},
    ...options,
  };
  const { segmentBytes } = complete;
  assert(segmentBytes % SECTOR_BYTES === 0, 'segments are whole sectors');
  assert(
    segmentBytes >= SEGMENT_BYTES_MIN && segmentBytes <= SEGMENT_BYTES_MAX,
    'segments are 16 KiB to 1 GiB',
  );
  return complete;
}
