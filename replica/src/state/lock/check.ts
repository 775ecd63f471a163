import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import { LockMode } from '@aegis/proto/v1/lock';
import { errorOf } from '../../errors/index.js';
import { LOCK_DELAY_MS_MAX, NAME_BYTES_MAX, PERMITS_MAX, WAIT_MS_MAX } from './limits.js';

/** Names what a field must be, if it is not. */
export function checkName(field: string, name: string): ErrorMessage | undefined {
  // No character takes more than three bytes for each of its UTF-16 units: most names need no counting.
  if (name.length > 0 && name.length * 3 <= NAME_BYTES_MAX) return undefined;
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= NAME_BYTES_MAX) return undefined;
  return errorOf('INVALID_ARGUMENT', {
    field,
    value: `a string of ${bytes} bytes`,
    expected: `1 to ${NAME_BYTES_MAX} bytes of UTF-8`,
  });
}

export function checkWait(waitMs: number): ErrorMessage | undefined {
  if (waitMs >= -1 && waitMs <= WAIT_MS_MAX) return undefined;
  return errorOf('INVALID_ARGUMENT', {
    field: 'wait_ms',
    value: waitMs,
    expected: `-1 (as long as the lease lives), 0 (do not queue) or at most ${WAIT_MS_MAX}`,
  });
}

export function checkTerms(mode: LockMode, permits: number, lockDelayMs: number): ErrorMessage | undefined {
  if (mode > LockMode.SEMAPHORE || mode < LockMode.UNSPECIFIED)
    return errorOf('INVALID_ARGUMENT', {
      field: 'mode',
      value: mode,
      expected: 'exclusive, shared or semaphore',
    });
  if (mode === LockMode.SEMAPHORE && (permits < 1 || permits > PERMITS_MAX))
    return errorOf('INVALID_ARGUMENT', {
      field: 'permits',
      value: permits,
      expected: `1 to ${PERMITS_MAX} with mode semaphore`,
    });
  if (lockDelayMs > LOCK_DELAY_MS_MAX)
    return errorOf('INVALID_ARGUMENT', {
      field: 'lock_delay_ms',
      value: lockDelayMs,
      expected: `at most ${LOCK_DELAY_MS_MAX}`,
    });
  return undefined;
}
