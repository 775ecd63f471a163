import type { Operation, Request, Result } from '../connection/operation.js';
import type { AegisError } from '../errors/index.js';
import type { Session, SessionCall } from '../session/session.js';
import type { Claimed } from './claim.js';

/** Gives up a claim, held or queued. Sent until it is answered, even after its caller has stopped waiting. */
export class Withdrawal implements SessionCall {
  /** Whether there was such a claim. Fails if that is not known in time. */
  readonly done: Promise<boolean>;
  private resolve!: (released: boolean) => void;
  private reject!: (error: AegisError) => void;

  constructor(
    private readonly session: Session,
    private readonly claimed: Claimed,
    private readonly claim: number,
    deadlineMs: number,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    session.submit(this, deadlineMs);
  }

  request(lease: string): Request {
    return this.claimed.withdraw(lease, this.claim);
  }

  onResult(result: Result, _operation: Operation): void {
    if (result.$case === 'lockRelease' || result.$case === 'resign') this.resolve(result.value.released);
    else throw new TypeError(`a release was answered with ${result.$case}`);
  }

  onFailure(error: AegisError): void {
    this.session.noticed(error);
    // A session that is over has given up all of its claims.
    if (error.code === 'SESSION_EXPIRED') this.resolve(false);
    else this.reject(error);
  }
}
