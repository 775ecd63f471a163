/** What can be wrong with a backup, and what to do then. */
const ADVICE = {
  NOT_A_BACKUP: 'Name a file that `aegis backup` wrote',
  NEWER_FORMAT: 'Use the version of AEGIS that wrote it, or a later one',
  NEWER_STATE: 'Restore it with the version of AEGIS that wrote it, or a later one',
  CUT: 'Copy the whole file again, or use another backup',
  DAMAGED: 'Use another copy of it, or another backup',
} as const;

export type BackupErrorCode = keyof typeof ADVICE;

/** A backup that cannot be used: the message says what is wrong, at which byte, and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  constructor(
    readonly code: BackupErrorCode,
    what: string,
  ) {
    super(`${what}. ${ADVICE[code]}`);
  }
}
