/** A backup file cannot be written or read, or what came is no backup: the message says which and why. */
export class BackupFileError extends Error {
  override readonly name = 'BackupFileError';
}

/** The system's word on a file. */
export function fileError(
  path: string,
  doing: 'written' | 'read' | 'deleted',
  error: unknown,
): BackupFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' ? 'the disk is full. Make room, or name a file elsewhere' : message;
  return new BackupFileError(`${path}: cannot be ${doing}: ${why}`, { cause: error });
}
