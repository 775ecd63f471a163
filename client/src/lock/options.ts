import { LockMode, type LockAcquireResponse } from '@aegis/proto/v1/lock';
import { LOCK_DELAY_MS_MAX, NAME_BYTES_MAX, PERMITS_MAX } from '@aegis/replica/lock-limits';
import type { Result } from '../connection/operation.js';
import { InvalidRequestError } from '../errors/index.js';
import type { Claimed } from './claim.js';

export type LockKind = 'exclusive' | 'shared' | 'semaphore';

export interface LockOptions {
  /** `exclusive` unless told. All that use a lock at one time must agree on it, but for exclusive and shared. */
  readonly mode?: LockKind;
  /** How many may hold it at once, 1 to 1,000,000: makes it a semaphore. */
  readonly permits?: number;
  /** How long to queue, in milliseconds; 0: not at all; -1 (unless told): as long as the session lives. */
  readonly waitMs?: number;
  /** The TTL of the session that holds it, in milliseconds; the client's default unless told. */
  readonly ttlMs?: number;
  /** How long the lock rests when this holder's session ends without a release, in milliseconds; at most 600,000. */
  readonly lockDelayMs?: number;
}

const MODES = {
  exclusive: LockMode.EXCLUSIVE,
  shared: LockMode.SHARED,
  semaphore: LockMode.SEMAPHORE,
} as const;

/** What the options ask for; InvalidRequestError names the one that is wrong. */
export function lockOf(name: string, options: LockOptions): { claimed: Claimed; waitMs: number } {
  checkName('lock name', name);
  const kind = options.mode ?? (options.permits === undefined ? 'exclusive' : 'semaphore');
  if (kind === 'semaphore') checkWhole('permits', options.permits ?? 0, 1, PERMITS_MAX);
  else if (options.permits !== undefined) throw invalid(`permits: a lock of mode ${kind} has none`);
  const lockDelayMs = checkWhole('lockDelayMs', options.lockDelayMs ?? 0, 0, LOCK_DELAY_MS_MAX);
  const mode = MODES[kind];
  const permits = options.permits ?? 0;
  const claimed: Claimed = {
    title: `lock ${JSON.stringify(name)}`,
    ask: (lease, claim, waitMs) => ({
      $case: 'lockAcquire',
      value: { name, lease, claim, mode, permits, waitMs, lockDelayMs },
    }),
    withdraw: (lease, claim) => ({ $case: 'lockRelease', value: { name, lease, claim } }),
    outcome: acquired,
  };
  return { claimed, waitMs: checkWait(options.waitMs) };
}

/** The wait that an option asks for; -1 where there is none. */
export function checkWait(waitMs: number | undefined): number {
  return checkWhole('waitMs', waitMs ?? -1, -1, Number.MAX_SAFE_INTEGER);
}

export function checkName(what: string, name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes >= 1 && bytes <= NAME_BYTES_MAX) return name;
  throw invalid(`${what}: ${bytes} bytes long, allowed are 1 to ${NAME_BYTES_MAX} bytes of UTF-8`);
}

export function checkWhole(what: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${what}: ${value} is not a whole number from ${min} to ${max}`);
}

export function invalid(message: string): InvalidRequestError {
  return new InvalidRequestError('INVALID_ARGUMENT', message, { retryable: false, definite: true });
}

function acquired(result: Result): LockAcquireResponse {
  if (result.$case === 'lockAcquire' || result.$case === 'campaign') return result.value;
  throw new TypeError(`an acquire was answered with ${result.$case}`);
}

export { acquired as acquireOutcome };
