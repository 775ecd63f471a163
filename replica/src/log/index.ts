export type { LogBatch } from './batch.js';
export type { Disk, DiskEntry, DiskFile } from './disk.js';
export { openNodeDisk } from './disk-node.js';
export { isNoSpace, LogError, LOG_ERROR_CODES, type LogErrorCode } from './errors.js';
export { Log } from './log.js';
export type { LogOptions } from './log-options.js';
export type { OpenReport } from './open-report.js';
export type { ConfStateMarker, LogPosition, SnapshotMarker } from './record.js';
export type { Stretch } from './recovery.js';
