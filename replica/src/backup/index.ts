/** The format of backups: what a replica writes, and what clients check. Nothing of the replica itself is here. */
export type { BackupHeader } from '@aegis/proto/v1/backup';
export { BackupError, type BackupErrorCode } from './errors.js';
export { backupBytes, verifyBackupFile } from './file.js';
export { type BackupChunk, BackupParser, type BackupSummary } from './parser.js';
export { checkRestorable } from './restorable.js';
export { BackupWriter } from './writer.js';
