import { UnknownCommandError } from '../state/index.js';
import { EXIT, RefusedStart } from './exit.js';
import { isFailedDisk } from './space/failed-disk.js';

/** The status that a process ends with because of this. */
export function statusOf(error: unknown): number {
  if (error instanceof RefusedStart) return EXIT[error.reason];
  // As with any folder that is refused, a restart would come to the same entry.
  if (error instanceof UnknownCommandError) return EXIT.data;
  return isFailedDisk(error) ? EXIT.disk : EXIT.internal;
}

export function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
