import type { LeaseGrantResponse } from '@aegis/proto/v1/lease';
import type { Instant } from '../clock/clock.js';
import type { Connection } from '../connection/connection.js';
import { Operation, type Caller, type Request } from '../connection/operation.js';
import { LeaseNotFoundError, SessionExpiredError, type AegisError } from '../errors/index.js';
import { Trust } from '../lease/trust.js';
import { SessionOpening } from './opening.js';
import type { Kept, Keeper } from './keeper.js';
import { revoke } from './revoke.js';
import { SequenceWindow } from './sequence-window.js';

/** A call that is made in a session. The request is made when the session's lease is known. */
export interface SessionCall extends Caller {
  request(lease: string): Request;
}

/** What ends with the session: held locks, leaderships, waiting claims. */
export interface SessionMember {
  onSessionEnd(error: AegisError): void;
}

interface Waiting {
  readonly call: SessionCall;
  readonly deadlineMs: number;
  readonly submitted: (operation: Operation) => void;
}

/**
 * A lease that is granted at the first use and kept alive until it is closed, with the locks and leaderships that
 * hang on it. Its calls take effect at most once, however often they have to be sent.
 */
export class Session implements Kept {
  private window: SequenceWindow | undefined;
  private trust: Trust | undefined;
  private opening: SessionOpening | undefined;
  private waiting: Waiting[] = [];
  private readonly members = new Set<SessionMember>();
  private claims = 0;
  private over: AegisError | undefined;

  /**
   * @param ttlMs how long its locks outlive a holder that falls silent, in milliseconds
   * @param requestTimeoutMs for the grant of the lease, in milliseconds
   */
  constructor(
    readonly connection: Connection,
    private readonly keeper: Keeper,
    readonly ttlMs: number,
    readonly requestTimeoutMs: number,
  ) {}

  /** The lease's id as a decimal string; '0' before the first use. */
  get lease(): string {
    return this.window?.lease ?? '0';
  }

  /** Whether what hangs on it can be relied upon now. Reads the clocks: right after a pause it is false at once. */
  get valid(): boolean {
    return this.over === undefined && this.trust !== undefined && this.trust.valid();
  }

  /** How long it can be relied upon without another acknowledged keepalive, in milliseconds. */
  get remainingMs(): number {
    return this.over === undefined ? (this.trust?.remainingMs() ?? 0) : 0;
  }

  /** Why the session is over; undefined while it is not. */
  get endedBy(): AegisError | undefined {
    return this.over;
  }

  /** A number that no other claim of this session has. */
  nextClaim(): number {
    return ++this.claims;
  }

  add(member: SessionMember): void {
    this.members.add(member);
  }

  delete(member: SessionMember): void {
    this.members.delete(member);
  }

  /** Now on the monotonic clock plus the given time, in milliseconds. */
  deadline(inMs: number = this.requestTimeoutMs): number {
    return this.connection.clock.now().monotonicMs + inMs;
  }

  /**
   * Makes a call in this session, after opening it if need be. The call hears of its fate later, never before this
   * returns.
   * @param submitted is given the operation once there is one
   */
  submit(call: SessionCall, deadlineMs: number, submitted: (operation: Operation) => void = ignore): void {
    if (this.window !== undefined && this.over === undefined) {
      const operation = new Operation(
        call.request(this.window.lease),
        'always',
        call,
        this.window,
        deadlineMs,
      );
      submitted(operation);
      this.connection.submit(operation);
      return;
    }
    if (this.over !== undefined) return this.refuse(call, this.over);
    this.waiting.push({ call, deadlineMs, submitted });
    this.opening ??= new SessionOpening(this.connection, this.ttlMs, this.deadline(), {
      opened: (grant, since) => this.onOpened(grant, since),
      failed: (error) => {
        this.opening = undefined;
        for (const { call } of this.takeWaiting()) this.refuse(call, error);
      },
    });
  }

  /** To be told of every error of a call: some of them mean that the session is over. */
  noticed(error: AegisError): void {
    if (error instanceof SessionExpiredError) this.end(error);
    else if (error instanceof LeaseNotFoundError) this.onGone();
  }

  /** The keepalive was acknowledged. */
  onKept(operation: Operation, ttlMs: number): void {
    if (operation.firstSent !== undefined) this.trust?.extend(operation.firstSent, ttlMs);
  }

  /** The cluster no longer has the lease. */
  onGone(): void {
    this.end(expired(`the cluster ended lease ${this.lease}: it expired or was revoked`));
  }

  /** Ends the session if its trust is over: at every tick, and before anything is built on it. */
  checkTrust(): void {
    if (this.over !== undefined || this.trust === undefined || this.trust.valid()) return;
    const silent = `no keepalive of lease ${this.lease} was acknowledged within its TTL of ${this.ttlMs} ms`;
    this.end(expired(silent));
    // It may live on in the cluster for a while: nobody needs to wait for that.
    this.revoke().catch(ignore);
  }

  /** Ends the session and revokes its lease: all of its locks and leaderships are free at once. */
  async close(): Promise<void> {
    if (this.over !== undefined) return;
    this.end(expired('the session was closed'));
    if (this.window !== undefined) await this.revoke();
  }

  private onOpened(grant: LeaseGrantResponse, since: Instant): void {
    this.opening = undefined;
    this.window = new SequenceWindow(grant.lease, grant.grantIndex);
    if (this.over !== undefined) {
      // It was closed while its lease was on the way.
      this.revoke().catch(ignore);
      return;
    }
    this.trust = new Trust(this.connection.clock, since, grant.ttlMs);
    this.keeper.keep(this);
    for (const { call, deadlineMs, submitted } of this.takeWaiting())
      this.submit(call, deadlineMs, submitted);
  }

  private end(error: AegisError): void {
    if (this.over !== undefined) return;
    this.over = error;
    this.keeper.release(this);
    for (const { call } of this.takeWaiting()) this.refuse(call, error);
    for (const member of [...this.members]) member.onSessionEnd(error);
    this.members.clear();
    const { window } = this;
    if (window !== undefined) this.connection.failAll((operation) => operation.window === window, error);
  }

  private revoke(): Promise<void> {
    return revoke(this.connection, this.lease, this.requestTimeoutMs);
  }

  private takeWaiting(): Waiting[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  /** Failing callers are told in a later turn, like all others. */
  private refuse(call: SessionCall, error: AegisError): void {
    queueMicrotask(() => call.onFailure(error, undefined));
  }
}

function expired(message: string): SessionExpiredError {
  return new SessionExpiredError('SESSION_EXPIRED', message, { retryable: false, definite: false });
}

function ignore(): void {
  // Nothing depends on it.
}
