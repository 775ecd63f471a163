export interface ErrorFacts {
  /** Whether the same request may succeed if it is sent again. */
  readonly retryable: boolean;
  /** True: the request certainly had and will have no effect. False: it may have had, or may yet have. */
  readonly definite: boolean;
  readonly cause?: unknown;
}

/** Everything that an operation of this client can fail with. One subclass for each meaning. */
export class AegisError extends Error {
  /** The name of the code in the table of errors, e.g. `LOCK_QUEUE_FULL`; the client's own have names too. */
  readonly code: string;
  readonly retryable: boolean;
  readonly definite: boolean;

  constructor(code: string, message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = facts.retryable;
    this.definite = facts.definite;
  }
}
