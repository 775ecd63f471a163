import { LockLostError, type AegisError } from '../errors/index.js';
import type { Session, SessionMember } from '../session/session.js';
import type { Claimed } from './claim.js';
import { Withdrawal } from './withdrawal.js';

/** What a holder may rely upon while it works. */
export interface Hold {
  /**
   * The fencing token: larger than that of every earlier grant in the cluster. Send it along with every effect on
   * the protected resource, and have the resource refuse a smaller one than it has seen.
   */
  readonly token: number;
  /** Aborted when the hold is lost, before anyone else can get it; its reason is a LockLostError. */
  readonly signal: AbortSignal;
  /** Reads the clocks: right after a pause of the process or the machine it is false at once. */
  readonly valid: boolean;
}

/** A lock or a leadership that was granted: good until it is released, or lost with its session. */
export class Held implements Hold, SessionMember {
  private controller: AbortController | undefined;
  private lostBy: LockLostError | undefined;
  private released = false;

  constructor(
    protected readonly session: Session,
    protected readonly claimed: Claimed,
    protected readonly claim: number,
    readonly token: number,
  ) {
    session.add(this);
  }

  /** The lease that it hangs on, as a decimal string. */
  get lease(): string {
    return this.session.lease;
  }

  get valid(): boolean {
    return !this.released && this.lostBy === undefined && this.session.valid;
  }

  /** How it was lost; undefined while it is held, and after a release. */
  get lost(): LockLostError | undefined {
    return this.lostBy;
  }

  get signal(): AbortSignal {
    // Made on demand: most holders of many short locks never look at it.
    this.controller ??= new AbortController();
    if (this.lostBy !== undefined && !this.controller.signal.aborted) this.controller.abort(this.lostBy);
    return this.controller.signal;
  }

  /**
   * Gives it up; `valid` is false from here on. True: it was still held; false: it had been lost,
   * and if that is only because nobody acknowledged a keepalive, the cluster may keep it from others for a while yet.
   * Fails with RequestTimeoutError or UnavailableError if the cluster does not answer in time; the release is then
   * still under way, and at the latest the end of the session frees it.
   */
  release(): Promise<boolean> {
    this.session.checkTrust();
    if (this.released || this.lostBy !== undefined) return Promise.resolve(false);
    this.released = true;
    this.session.delete(this);
    return new Withdrawal(this.session, this.claimed, this.claim, this.session.deadline()).done;
  }

  onSessionEnd(error: AegisError): void {
    if (this.released || this.lostBy !== undefined) return;
    this.lostBy = new LockLostError(`${this.claimed.title} is lost: ${error.message}`, error);
    this.controller?.abort(this.lostBy);
  }
}
