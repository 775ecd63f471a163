import { AcquireOutcome, type LockAcquireResponse } from '@aegis/proto/v1/lock';
import type { Instant } from '../clock/clock.js';
import type { StreamEvent } from '../connection/event-listeners.js';
import type { Resident } from '../connection/resident.js';
import type { Operation, Request, Result } from '../connection/operation.js';
import {
  AbortedError,
  LockNotGrantedError,
  LockNotHeldError,
  RequestTimeoutError,
  errorFromReply,
  type AegisError,
} from '../errors/index.js';
import type { Session, SessionCall, SessionMember } from '../session/session.js';
import { Withdrawal } from './withdrawal.js';

/** What is claimed: a lock, or the leadership of an election. Its claims are asked for and given up alike. */
export interface Claimed {
  /** For messages, e.g. `lock "a"`. */
  readonly title: string;
  ask(lease: string, claim: number, waitMs: number): Request;
  withdraw(lease: string, claim: number): Request;
  outcome(result: Result): LockAcquireResponse;
  /** The name of the election, if it is one. */
  readonly election?: string;
}

export interface ClaimOutcome {
  granted(token: number): void;
  failed(error: AegisError): void;
}

/**
 * One claim from the asking to its grant. While it is queued the grant comes as an event of the stream that said so;
 * when that stream is replaced, the same claim is asked for again, which changes nothing and answers how it stands.
 */
export class Claim implements SessionCall, SessionMember, Resident {
  private state: 'asking' | 'queued' | 'over' = 'asking';
  private operation: Operation | undefined;
  private queuedOperation = 0;
  private readonly beganMs: number;

  /** @param waitMs how long to queue; 0: not at all; -1: as long as the session lives */
  constructor(
    private readonly session: Session,
    private readonly claimed: Claimed,
    readonly number: number,
    private readonly waitMs: number,
    private readonly outcome: ClaimOutcome,
  ) {
    this.beganMs = session.connection.clock.now().monotonicMs;
    this.ask();
  }

  /** The caller waits no longer: the claim is withdrawn, wherever it stands. */
  abort(reason: unknown): void {
    if (this.state === 'over') return;
    const { operation, state } = this;
    if (state === 'asking' && operation !== undefined) this.session.connection.abandon(operation);
    this.fail(new AbortedError(`stopped waiting for ${this.claimed.title}`, false, reason));
    if (state === 'queued' || operation?.sequence === 0) this.withdraw();
  }

  request(lease: string): Request {
    return this.claimed.ask(lease, this.number, this.remainingWaitMs());
  }

  onResult(result: Result, operation: Operation): void {
    if (this.state === 'over') return this.onLateResult(result);
    const { outcome, token } = this.claimed.outcome(result);
    if (outcome === AcquireOutcome.GRANTED) this.grant(token);
    else if (outcome === AcquireOutcome.QUEUED) this.queue(operation);
    else this.fail(this.notGranted());
  }

  onFailure(error: AegisError): void {
    if (this.state === 'over') return;
    this.session.noticed(error);
    this.fail(error);
    // It may still stand in the queue, if it was there before.
    if (this.queuedOperation !== 0 && this.session.endedBy === undefined) this.withdraw();
  }

  /** The caller was told that the time was over: what was granted or queued since then is given back. */
  onLateResult(result: Result): void {
    if (this.claimed.outcome(result).outcome !== AcquireOutcome.NOT_GRANTED) this.withdraw();
  }

  onStreamChange(): void {
    if (this.state === 'queued') this.ask();
  }

  onTick(now: Instant): void {
    const limitMs = this.waitMs + this.session.requestTimeoutMs;
    if (this.waitMs < 0 || now.monotonicMs - this.beganMs <= limitMs) return;
    const message = `the cluster did not end the wait for ${this.claimed.title} in time`;
    this.fail(new RequestTimeoutError('TIMEOUT', message, { retryable: true, definite: false }));
    this.withdraw();
  }

  onSessionEnd(error: AegisError): void {
    this.fail(error);
  }

  private ask(): void {
    const first = this.queuedOperation === 0;
    this.state = 'asking';
    // Once it is in the queue, only the end of the wait or of the session ends the asking.
    this.session.submit(this, first ? this.session.deadline() : Infinity, (operation) => {
      this.operation = operation;
      if (this.state === 'over') operation.abandoned = true;
    });
  }

  private queue(operation: Operation): void {
    if (this.queuedOperation === 0) {
      this.session.add(this);
      this.session.connection.join(this);
    }
    this.queuedOperation = operation.id;
    // The answer may be an earlier copy's, and the event may have gone to that copy's stream.
    if (operation.sends > 1) return this.ask();
    this.state = 'queued';
    this.session.connection.listen(operation.id, (event) => this.onEvent(event));
  }

  private onEvent(event: StreamEvent): void {
    if (event.$case !== 'claimSettled' || this.state !== 'queued') return;
    const { error, outcome, token } = event.value;
    if (error !== undefined) this.onUnsettled(errorFromReply(error));
    else if (outcome === AcquireOutcome.GRANTED) this.grant(token);
    else this.fail(this.notGranted());
  }

  /** The replica finds no such claim: its wait is over, or its lease; asking again tells. */
  private onUnsettled(error: AegisError): void {
    if (!(error instanceof LockNotHeldError)) this.onFailure(error);
    else if (this.waitMs > 0 && this.remainingWaitMs() === 0) this.fail(this.notGranted());
    else this.ask();
  }

  private grant(token: number): void {
    // Granted, but to a session that can no longer be relied upon: it ends here, and with it this claim.
    this.session.checkTrust();
    if (this.session.endedBy !== undefined) return this.fail(this.session.endedBy);
    this.finish();
    this.outcome.granted(token);
  }

  private fail(error: AegisError): void {
    if (this.state === 'over') return;
    this.finish();
    this.outcome.failed(error);
  }

  private finish(): void {
    this.state = 'over';
    if (this.queuedOperation === 0) return;
    this.session.delete(this);
    this.session.connection.unlisten(this.queuedOperation);
    this.session.connection.leave(this);
  }

  private withdraw(): void {
    void new Withdrawal(this.session, this.claimed, this.number, Infinity).done.catch(() => undefined);
  }

  private remainingWaitMs(): number {
    if (this.waitMs <= 0) return this.waitMs;
    const waitedMs = this.session.connection.clock.now().monotonicMs - this.beganMs;
    return Math.max(0, Math.round(this.waitMs - waitedMs));
  }

  private notGranted(): LockNotGrantedError {
    const waited = this.waitMs > 0 ? ` within ${this.waitMs} ms` : '';
    return new LockNotGrantedError(`${this.claimed.title} was not granted${waited}: others hold it`);
  }
}
