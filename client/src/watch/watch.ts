import type { Connection } from '../connection/connection.js';
import type { StreamEvent } from '../connection/event-listeners.js';
import type { Resident } from '../connection/resident.js';
import { Operation, type Caller, type Request, type Result } from '../connection/operation.js';
import { UnavailableError, type AegisError } from '../errors/index.js';

/** Most events that wait for a slow reader; when there are more they are dropped and the watch begins anew. */
const BUFFER_MAX = 1_024;
/** Between two attempts to begin a watch, in milliseconds; a single attempt is given the same time again. */
const RETRY_MS = 500;
const ATTEMPT_MS = 5_000;

type Pending<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void };

/**
 * A watch that outlives streams: after a reconnect it begins anew with the state as it is. Begins with the first
 * `next()`; ends with `return()` (leaving a `for await` loop calls it), its signal, or an error that no repetition
 * would mend.
 */
export class Watch<T> implements AsyncIterableIterator<T>, Resident, Caller {
  private begun = false;
  private over = false;
  /** It has once worked: from then on only lasting errors end it. */
  private established = false;
  private failure: AegisError | undefined;
  private operation: Operation | undefined;
  private retryAtMs = Infinity;
  private buffer: T[] = [];
  private readers: Pending<T>[] = [];

  /** @param read what an event of the watch stands for; undefined: not meant for its reader */
  constructor(
    private readonly connection: Connection,
    private readonly request: Request,
    private readonly signal: AbortSignal | undefined,
    private readonly read: (event: StreamEvent) => T | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (!this.begun) this.begin();
    const [first] = this.buffer;
    if (first !== undefined) {
      this.buffer.shift();
      return Promise.resolve({ done: false, value: first });
    }
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  onResult(_result: Result, operation: Operation): void {
    if (operation === this.operation) this.established = true;
  }

  onFailure(error: AegisError, operation: Operation | undefined): void {
    if (operation !== this.operation || this.over) return;
    const passing = error.retryable || error instanceof UnavailableError;
    if (!this.established || !passing) {
      this.failure = error;
      this.end();
    } else if (this.retryAtMs === Infinity) {
      this.retryAtMs = this.connection.clock.now().monotonicMs + RETRY_MS;
    }
  }

  onStreamChange(): void {
    this.watch();
  }

  onTick({ monotonicMs }: { readonly monotonicMs: number }): void {
    if (monotonicMs >= this.retryAtMs) this.watch();
  }

  private begin(): void {
    this.begun = true;
    if (this.signal?.aborted === true) return this.end();
    this.signal?.addEventListener('abort', () => this.end(), { once: true });
    this.connection.join(this);
    this.watch();
  }

  private watch(): void {
    if (this.over) return;
    this.forget();
    this.retryAtMs = Infinity;
    const deadlineMs = this.connection.clock.now().monotonicMs + ATTEMPT_MS;
    // Sent once on each stream: a change of streams asks afresh.
    const operation = new Operation(this.request, 'definite', this, undefined, deadlineMs);
    this.operation = operation;
    this.connection.submit(operation);
    this.connection.listen(operation.id, (event) => this.onEvent(event));
  }

  private onEvent(event: StreamEvent): void {
    const value = this.read(event);
    if (value === undefined) return;
    const reader = this.readers.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value });
    this.buffer.push(value);
    if (this.buffer.length <= BUFFER_MAX) return;
    this.buffer = [];
    this.unwatch(this.operation!.id);
    this.watch();
  }

  /** The watch that was asked for last no longer counts. */
  private forget(): void {
    if (this.operation === undefined) return;
    this.connection.unlisten(this.operation.id);
    this.connection.abandon(this.operation);
    this.operation = undefined;
  }

  private unwatch(watch: number): void {
    const request = { $case: 'unwatch' as const, value: { watch } };
    const nobody = { onResult: ignore, onFailure: ignore };
    const deadlineMs = this.connection.clock.now().monotonicMs + ATTEMPT_MS;
    this.connection.submit(new Operation(request, 'never', nobody, undefined, deadlineMs));
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    if (this.operation !== undefined) {
      const watch = this.operation.id;
      this.forget();
      this.unwatch(watch);
    }
    this.connection.leave(this);
    for (const { resolve, reject } of this.readers) {
      if (this.failure === undefined) resolve({ done: true, value: undefined });
      else reject(this.failure);
    }
    this.readers = [];
  }
}

function ignore(): void {
  // Nothing depends on it.
}
