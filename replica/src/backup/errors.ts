export type BackupErrorCode = 'NOT_A_BACKUP' | 'NEWER_FORMAT' | 'NEWER_STATE' | 'CUT' | 'DAMAGED';

/** A backup that cannot be used: the message says what is wrong and where. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  constructor(
    readonly code: BackupErrorCode,
    message: string,
  ) {
    super(message);
  }
}
