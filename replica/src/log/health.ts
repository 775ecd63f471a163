import { LogError } from './errors.js';

/**
 * Whether the log may still write. After one failed write or sync the disk's content is unknown, and a second sync
 * could succeed without it: so nothing is tried again, ever.
 */
export class Health {
  readonly #onFailure: (error: LogError) => void;
  #failure: LogError | undefined;
  #closed = false;

  constructor(onFailure: (error: LogError) => void) {
    this.#onFailure = onFailure;
  }

  /** The first failure. */
  get failure(): LogError | undefined {
    return this.#failure;
  }

  close(): void {
    this.#closed = true;
  }

  assertWritable(): void {
    if (this.#failure) throw new LogError('POISONED', { cause: this.#failure });
    if (this.#closed) throw new LogError('CLOSED');
  }

  fail(cause: unknown): LogError {
    if (!this.#failure) {
      this.#failure = cause instanceof LogError ? cause : new LogError('IO_FAILED', { cause });
      this.#onFailure(this.#failure);
    }
    return this.#failure;
  }
}
