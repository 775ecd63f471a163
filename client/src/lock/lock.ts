import { LockLostError, LockNotGrantedError } from '../errors/index.js';
import type { Session } from '../session/session.js';
import { Claim, type Claimed } from './claim.js';
import { Held, type Hold } from './held.js';
import { lockOf, type LockOptions } from './options.js';

export interface AcquireOptions {
  /** Stops the wait: the claim is withdrawn and `acquire` fails with AbortedError. */
  readonly signal?: AbortSignal;
}

/** A named lock of the cluster, as one caller wants to use it. Asking for it again and again is fine. */
export class Lock {
  private readonly claimed: Claimed;
  private readonly waitMs: number;

  /** @param session called for each claim: a fresh session takes the place of one that is over */
  constructor(
    private readonly session: () => Session,
    readonly name: string,
    options: LockOptions = {},
  ) {
    const { claimed, waitMs } = lockOf(name, options);
    this.claimed = claimed;
    this.waitMs = waitMs;
  }

  /**
   * Waits for the lock in a fair queue: first come, first served.
   *
   * Fails with LockNotGrantedError when `waitMs` is over, LockQueueFullError, LockKindMismatchError (it is in use
   * with another mode or number of permits), SessionExpiredError (the session ended while waiting), AbortedError,
   * UnavailableError or RequestTimeoutError (no answer in time; should it be granted yet, it is given back).
   */
  acquire(options: AcquireOptions = {}): Promise<Held> {
    return claim(this.session(), this.claimed, this.waitMs, options.signal, Held);
  }

  /** Like `acquire` without any wait; undefined when others hold it. */
  async tryAcquire(): Promise<Held | undefined> {
    try {
      return await claim(this.session(), this.claimed, 0, undefined, Held);
    } catch (error) {
      if (error instanceof LockNotGrantedError) return undefined;
      throw error;
    }
  }

  /**
   * Runs `work` while holding the lock, and releases it afterwards, whatever happened.
   *
   * `work` is given the fencing token and a signal that is aborted when the lock is lost: it should stop then.
   * If the lock was lost before `work` ended well, LockLostError is thrown in place of its result.
   */
  async run<T>(work: (hold: Hold) => T | Promise<T>, options: AcquireOptions = {}): Promise<T> {
    const held = await this.acquire(options);
    let result: T;
    try {
      result = await work(held);
    } catch (error) {
      await held.release().catch(() => undefined);
      throw error;
    }
    const intact = held.valid;
    // Without an answer to the release the result stands all the same: it goes on, or the session's end does it.
    const released = await held.release().catch(() => true);
    if (intact && released) return result;
    throw (
      held.lost ??
      new LockLostError(`lock ${JSON.stringify(this.name)} was lost before its work was done`, undefined)
    );
  }
}

/** Asks for a claim and waits until it is granted. */
export function claim<T extends Held>(
  session: Session,
  claimed: Claimed,
  waitMs: number,
  signal: AbortSignal | undefined,
  kind: new (session: Session, claimed: Claimed, claim: number, token: number) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const number = session.nextClaim();
    const asked = new Claim(session, claimed, number, waitMs, {
      granted: (token) => {
        signal?.removeEventListener('abort', abort);
        resolve(new kind(session, claimed, number, token));
      },
      failed: (error) => {
        signal?.removeEventListener('abort', abort);
        reject(error);
      },
    });
    const abort = (): void => asked.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
