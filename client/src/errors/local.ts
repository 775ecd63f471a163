import { AegisError } from './base.js';

/** The lock was not obtained within the time that the caller was ready to wait. The claim is withdrawn. */
export class LockNotGrantedError extends AegisError {
  constructor(message: string) {
    super('LOCK_NOT_GRANTED', message, { retryable: true, definite: true });
  }
}

/** A lock or leadership that was held can no longer be relied upon. `cause` says how it was lost. */
export class LockLostError extends AegisError {
  constructor(message: string, cause: unknown) {
    super('LOCK_LOST', message, { retryable: false, definite: false, cause });
  }
}

/** The caller gave up waiting through its own AbortSignal. `cause` is the signal's reason. */
export class AbortedError extends AegisError {
  constructor(message: string, definite: boolean, cause: unknown) {
    super('ABORTED', message, { retryable: false, definite, cause });
  }
}

/** The client was closed. */
export class ClientClosedError extends AegisError {
  constructor(definite: boolean) {
    super('CLIENT_CLOSED', 'the client was closed', { retryable: false, definite });
  }
}
