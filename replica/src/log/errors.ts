/**
 * Every way in which the log can refuse, with what a person should do about it. Impossible states are assertions
 * and are not listed here.
 */
const CATALOGUE = {
  NO_SPACE: 'No room for the next segment. Nothing of this batch was written. Free disk space or compact.',
  BATCH_TOO_LARGE: 'A batch must fit one segment. Nothing of it was written. Gather less at once.',
  IO_FAILED: 'The disk failed. What it holds is unknown until the log is opened anew: end the process.',
  POISONED: 'An earlier write failed, so nothing more is written. End the process and open the log anew.',
  CLOSED: 'The log is closed.',
  NOT_FOUND: 'The file does not exist.',
  LOG_MISSING: 'The log of a member that had one is gone. Replace this member with an empty one.',
  DAMAGED:
    'The log is damaged before a batch that was written later, so acknowledged data is lost here. ' +
    'Nothing was changed. Replace this member with an empty one.',
  SEGMENT_MISSING:
    'A segment of the log is missing, so acknowledged data is lost here. Nothing was changed. ' +
    'Put the file back, or replace this member with an empty one.',
  SEGMENT_TRUNCATED: 'A segment has not the size it was made with. Replace this member with an empty one.',
  FOREIGN_SALT:
    'This segment belongs to another log. Nothing was changed. Put the right file back, or replace this member.',
  WRONG_SEGMENT: 'This file holds another segment than its name says. Put the right file back.',
  NEWER_VERSION: 'This log was written by a newer version of AEGIS. Start that version.',
  UNDECODABLE: 'A batch with a valid checksum cannot be decoded. Report this as a defect of AEGIS.',
} as const;

export type LogErrorCode = keyof typeof CATALOGUE;

export const LOG_ERROR_CODES = Object.keys(CATALOGUE) as readonly LogErrorCode[];

export interface LogErrorDetails {
  /** The file concerned, with its folder where it is known. */
  readonly file?: string;
  /** Bytes from the start of that file. */
  readonly offset?: number;
  /** What was seen, in half a sentence. */
  readonly seen?: string;
  readonly cause?: unknown;
}

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly file: string | undefined;
  /** Bytes from the start of `file`. */
  readonly offset: number | undefined;

  constructor(code: LogErrorCode, details: LogErrorDetails = {}) {
    const { file, offset, seen, cause } = details;
    const place =
      file === undefined ? '' : offset === undefined ? ` ${file}:` : ` ${file} at byte ${offset}:`;
    super(`${code}:${place} ${seen === undefined ? '' : `${seen}. `}${CATALOGUE[code]}`, { cause });
    this.code = code;
    this.file = file;
    this.offset = offset;
  }
}

/** True for the one failure that leaves the log intact and may pass by itself. */
export function isNoSpace(error: unknown): error is LogError {
  return error instanceof LogError && error.code === 'NO_SPACE';
}
