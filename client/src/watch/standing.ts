import type { Connection } from '../connection/connection.js';
import type { StreamEvent } from '../connection/event-listeners.js';
import { Operation, type Caller, type Request, type Result } from '../connection/operation.js';
import type { Resident } from '../connection/resident.js';
import { UnavailableError, type AegisError } from '../errors/index.js';

/** Between two attempts to begin a watch, in milliseconds; a single attempt is given the same time again. */
const RETRY_MS = 500;
const ATTEMPT_MS = 5_000;

export interface StandingParts {
  /** Made anew for every stream, and whenever the watch is asked for again. */
  request(): Request;
  onEvent(event: StreamEvent): void;
  /** It cannot be had, or a repetition would not mend it: the watch is over. */
  onFailed(error: AegisError): void;
}

/** A watch on a shared stream that is asked for again on every later stream, until it is ended. */
export class Standing implements Resident, Caller {
  private over = false;
  /** It has once worked: from then on only lasting errors end it. */
  private established = false;
  /** The replica has taken up the operation that was asked last. */
  private answered = false;
  /** Not wanted for the moment. */
  private resting = false;
  private operation: Operation | undefined;
  private retryAtMs = Infinity;

  constructor(
    private readonly connection: Connection,
    private readonly parts: StandingParts,
  ) {}

  begin(): void {
    this.connection.join(this);
    this.ask();
  }

  /** Drops the watch as it stands, in this client and in the replica, and asks for it afresh. */
  again(): void {
    this.withdraw();
    this.ask();
  }

  /** As `again`, a little later: the replica ended the watch by itself. */
  againSoon(): void {
    this.forget();
    this.retryAtMs = this.connection.clock.now().monotonicMs + RETRY_MS;
  }

  /** No events are wanted until `again` is called. */
  rest(): void {
    this.withdraw();
    this.resting = true;
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.withdraw();
    this.connection.leave(this);
  }

  onResult(_result: Result, operation: Operation): void {
    // Given up in the meantime: only now does the replica know what to end.
    if (operation !== this.operation) return this.unwatch(operation.id);
    this.answered = true;
    this.established = true;
  }

  onFailure(error: AegisError, operation: Operation | undefined): void {
    if (operation !== this.operation || this.over) return;
    const passing = error.retryable || error instanceof UnavailableError;
    if ((this.established && passing) || error.code === 'CONNECTION_LOST') {
      this.forget();
      this.retryAtMs = this.connection.clock.now().monotonicMs + RETRY_MS;
      return;
    }
    this.end();
    this.parts.onFailed(error);
  }

  onStreamChange(): void {
    this.forget();
    if (!this.resting) this.ask();
  }

  onTick({ monotonicMs }: { readonly monotonicMs: number }): void {
    if (monotonicMs >= this.retryAtMs) this.again();
  }

  private ask(): void {
    if (this.over) return;
    this.resting = false;
    this.answered = false;
    this.retryAtMs = Infinity;
    const deadlineMs = this.connection.clock.now().monotonicMs + ATTEMPT_MS;
    // Sent once on each stream: a change of streams asks afresh.
    const operation = new Operation(this.parts.request(), 'definite', this, undefined, deadlineMs);
    this.operation = operation;
    this.connection.submit(operation);
    this.connection.listen(operation.id, (event) => this.parts.onEvent(event));
  }

  /** The watch that was asked for last no longer counts; the replica does not need to be told. */
  private forget(): void {
    this.retryAtMs = Infinity;
    const { operation } = this;
    if (operation === undefined) return;
    this.operation = undefined;
    this.connection.unlisten(operation.id);
    this.connection.abandon(operation);
  }

  private withdraw(): void {
    const { operation, answered } = this;
    if (operation === undefined || operation.sends === 0 || answered) {
      this.forget();
      if (operation !== undefined && answered) this.unwatch(operation.id);
      return;
    }
    // It is on its way, and the replica could not end yet what it has not begun: `onResult` sees to it.
    this.operation = undefined;
    this.connection.unlisten(operation.id);
  }

  private unwatch(watch: number): void {
    const request = { $case: 'unwatch' as const, value: { watch } };
    const nobody = { onResult: ignore, onFailure: ignore };
    const deadlineMs = this.connection.clock.now().monotonicMs + ATTEMPT_MS;
    this.connection.submit(new Operation(request, 'never', nobody, undefined, deadlineMs));
  }
}

function ignore(): void {
  // Nothing depends on it.
}
