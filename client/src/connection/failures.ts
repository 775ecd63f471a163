import { OverloadedError, RequestTimeoutError, UnavailableError, type AegisError } from '../errors/index.js';
import type { Operation } from './operation.js';

/** The stream broke while a call that may not be sent again was on it. */
export function lostInFlight(cause: AegisError): UnavailableError {
  const message = `the connection was lost before the answer came, so the call may or may not have taken effect (${cause.message})`;
  return new UnavailableError('CONNECTION_LOST', message, { retryable: false, definite: false, cause });
}

/** No answer in time: because nobody could be reached or would serve it, or because the answer did not come. */
export function outOfTime(
  operation: Operation,
  lastFailure: AegisError | undefined,
  endpoints: readonly string[],
): AegisError {
  if (operation.sends > 0) {
    const message = 'no answer in time, so the call may or may not have taken effect';
    return new RequestTimeoutError('TIMEOUT', message, {
      retryable: true,
      definite: false,
      cause: lastFailure,
    });
  }
  const message = `no replica of ${endpoints.join(', ')} served the call in time: ${lastFailure?.message ?? 'no connection'}`;
  return new UnavailableError('UNAVAILABLE', message, {
    retryable: true,
    definite: true,
    cause: lastFailure,
  });
}

/** More is asked for than can be sent. */
export function overloaded(waiting: number): OverloadedError {
  const message = `${waiting} operations wait to be sent: slow down, or open more connections`;
  return new OverloadedError('OVERLOADED', message, { retryable: true, definite: true });
}

/** A stream was not welcomed in time. */
export function silent(endpoint: string, withinMs: number): UnavailableError {
  const message = `${endpoint}: no welcome within ${withinMs} ms`;
  return new UnavailableError('UNAVAILABLE', message, { retryable: true, definite: true });
}
