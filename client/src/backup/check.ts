import { BackupError, verifyBackupFile, type BackupSummary } from '@aegis/replica/backup';
import { BackupFileError, fileError } from './errors.js';

/** Reads a backup file from end to end and proves it whole. Throws BackupFileError. */
export async function checkBackup(path: string): Promise<BackupSummary> {
  try {
    return await verifyBackupFile(path);
  } catch (error) {
    if (!(error instanceof BackupError)) throw fileError(path, 'read', error);
    throw new BackupFileError(`${path}: ${error.message}`, { cause: error });
  }
}
