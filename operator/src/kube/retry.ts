import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ConnectionError } from './errors.js';

export interface RetryPolicy {
  /** Tries in all. */
  readonly triesMax: number;
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
}

/** About half a minute in all: longer outages are the work queue's to wait out. */
export const RETRY: RetryPolicy = { triesMax: 6, pauseMsMin: 200, pauseMsMax: 10_000 };

/**
 * Tries again after what may pass: a lost connection, 429, and 5xx. The server's Retry-After is kept to, but for a time that no
 * caller would wait. Everything that is asked here may be asked twice: objects have names, and changes carry versions.
 * @param final an answer that is one, though it looks like a passing failure
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
  final: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= policy.triesMax || !mayPass(error) || final(error)) throw error;
      const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
      const pauseMs = asked === undefined ? pauseBefore(tries, policy) : Math.min(asked, policy.pauseMsMax);
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.code === 429 || error.code >= 500);
}

/** Doubles each time, and is drawn from its upper half, so that clients that failed together do not come back together. */
export function pauseBefore(
  tries: number,
  { pauseMsMin, pauseMsMax }: Omit<RetryPolicy, 'triesMax'>,
): number {
  const full = Math.min(pauseMsMax, pauseMsMin * 2 ** (tries - 1));
  return full / 2 + (Math.random() * full) / 2;
}
