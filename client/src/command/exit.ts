import { BackupFileError } from '../backup/errors.js';
import { TraceError } from '../chaos/trace/errors.js';
import { AegisError, RequestTimeoutError, UnavailableError } from '../errors/index.js';
import { SupervisorError } from '../supervisor/errors.js';
import { plainLines } from '../terminal/plain.js';

/** Exit statuses of the `aegis` command. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 3,
  notObtained: 4,
  lost: 5,
} as const;

/** What they mean wherever a command says nothing else. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'the operation failed',
  2: 'wrong usage',
  3: 'no replica or no leader could be reached in time',
  4: 'the lock or leadership was not obtained in time',
  5: 'the lock or leadership was lost',
};

/** A wrong flag or argument: the message names it and says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure whose exit status is known. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The exit status that tells a script what went wrong. */
export function exitStatus(error: unknown): number {
  if (error instanceof CommandFailure) return error.status;
  if (error instanceof UsageError || error instanceof TraceError) return EXIT.usage;
  if (error instanceof UnavailableError || error instanceof RequestTimeoutError) return EXIT.unavailable;
  if (!(error instanceof AegisError)) return EXIT.failed;
  switch (error.code) {
    case 'INVALID_ARGUMENT':
    case 'INVALID_TTL':
    case 'TOO_LARGE':
    case 'TOO_MANY_OPERATIONS':
    case 'DUPLICATE_KEY':
      return EXIT.usage;
    case 'LOCK_NOT_GRANTED':
      return EXIT.notObtained;
    case 'LOCK_LOST':
    case 'SESSION_EXPIRED':
      return EXIT.lost;
    default:
      return EXIT.failed;
  }
}

/** One line for people; the stack only for what should not happen. Messages may have names of anybody's in them. */
export function describeError(error: unknown): string {
  return plainLines(message(error));
}

function message(error: unknown): string {
  if (error instanceof AegisError) return `${error.message} [${error.code}]`;
  const expected =
    error instanceof CommandFailure ||
    error instanceof UsageError ||
    error instanceof SupervisorError ||
    error instanceof TraceError ||
    error instanceof BackupFileError;
  if (error instanceof Error) return expected ? error.message : (error.stack ?? error.message);
  return String(error);
}
