import type { Connection } from '../connection/connection.js';
import type { StreamEvent } from '../connection/event-listeners.js';
import type { Request } from '../connection/operation.js';
import { Mailbox } from './mailbox.js';
import { Standing } from './standing.js';

/** Most events that wait for a slow reader; when there are more they are dropped and the watch begins anew. */
const BUFFER_MAX = 1_024;

/**
 * A watch of a state that outlives streams: after a reconnect it begins anew with the state as it is. Begins with the
 * first `next()`; ends with `return()` (leaving a `for await` loop calls it), its signal, or an error that no repetition
 * would mend.
 */
export class Watch<T> implements AsyncIterableIterator<T> {
  private begun = false;
  private readonly mailbox = new Mailbox<T>();
  private readonly standing: Standing;

  /** @param read what an event of the watch stands for; undefined: not meant for its reader */
  constructor(
    connection: Connection,
    request: Request,
    private readonly signal: AbortSignal | undefined,
    private readonly read: (event: StreamEvent) => T | undefined,
  ) {
    this.standing = new Standing(connection, {
      request: () => request,
      onEvent: (event) => this.onEvent(event),
      onFailed: (error) => this.mailbox.close(error),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (!this.begun) this.begin();
    return this.mailbox.take();
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  private begin(): void {
    this.begun = true;
    if (this.signal?.aborted === true) return this.end();
    this.signal?.addEventListener('abort', () => this.end(), { once: true });
    this.standing.begin();
  }

  private onEvent(event: StreamEvent): void {
    const value = this.read(event);
    if (value === undefined) return;
    this.mailbox.put(value);
    if (this.mailbox.size <= BUFFER_MAX) return;
    this.mailbox.clear();
    this.standing.again();
  }

  private end(): void {
    this.begun = true;
    this.standing.end();
    this.mailbox.close();
  }
}
