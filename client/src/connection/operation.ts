import type { Answer, Operation as OperationMessage } from '@aegis/proto/v1/session';
import type { Instant } from '../clock/clock.js';
import type { AegisError } from '../errors/index.js';
import type { SequenceWindow } from '../session/sequence-window.js';
import type { StreamHandle } from './stream-handle.js';

export type Request = NonNullable<OperationMessage['request']>;
export type Result = Exclude<NonNullable<Answer['result']>, { $case: 'error' }>;

/**
 * When an operation may be sent again.
 * - `always`: sequenced ones (applied at most once, however often sent) and reads;
 * - `definite`: writes without a session, only when it is certain that they had no effect;
 * - `never`: keepalives and pings, whose sender rather sends a fresh one.
 */
export type Retry = 'always' | 'definite' | 'never';

/** Who asked for an operation. Exactly one of the first two is called, once. */
export interface Caller {
  /** @param operation as it was sent last: its instants and number of sends */
  onResult(result: Result, operation: Operation): void;
  onFailure(error: AegisError, operation: Operation | undefined): void;
  /** What became of a sequenced operation after its caller was told that the time was over, or abandoned it. */
  onLateResult?(result: Result, operation: Operation): void;
}

/** One operation from the moment it is asked for until it is answered. */
export class Operation {
  /** Given by the connection; unique among all of its operations. */
  id = 0;
  /** 0 until its session's window has room for it. */
  sequence = 0;
  /** The stream on which it is waiting for its answer; undefined while it waits to be sent. */
  stream: StreamHandle | undefined;
  /** When the copy that may be acknowledged was first sent. */
  firstSent: Instant | undefined;
  /** How often it was sent, without the copies that certainly had no effect. */
  sends = 0;
  /** Refusals so far: they set the pace of the retries. */
  refusals = 0;
  /** Its caller waits no longer; a sequenced operation itself goes on until it is answered. */
  abandoned = false;

  /**
   * @param window the session whose sequence makes it apply at most once; undefined for calls without a session
   * @param deadlineMs on the monotonic clock; Infinity for none
   */
  constructor(
    readonly request: Request,
    readonly retry: Retry,
    readonly caller: Caller,
    readonly window: SequenceWindow | undefined,
    public deadlineMs: number,
  ) {}

  /** Whether it may be sent again after a failure. */
  retryableAfter(error: AegisError): boolean {
    if (!error.retryable || this.retry === 'never') return false;
    return this.retry === 'always' || error.definite;
  }

  /** The only copy certainly had no effect: what is acknowledged later is the next one. */
  noteRefusal(error: AegisError): void {
    if (!error.definite || this.sends !== 1) return;
    this.sends = 0;
    this.firstSent = undefined;
  }
}
