import { elapsedMs, type Clock, type Instant } from '../clock/clock.js';

/** How much earlier than its TTL a lease stops being trusted, in milliseconds. */
export function trustMarginMs(ttlMs: number): number {
  return Math.max(ttlMs * 0.01, 200);
}

/**
 * The holder's own reckoning of how long a lease can be relied upon, whatever the network does
 * (DESIGN section 3, "Lease time", rule 5): from the moment at which the acknowledged request was *first* sent,
 * TTL − max(1 % of TTL, 200 ms), measured by whichever of the two clocks has run further.
 *
 * Must hold: once the trust has been seen to end, it never comes back.
 */
export class Trust {
  private ended = false;

  /**
   * @param since when the request that was acknowledged was first sent
   * @param ttlMs the TTL that the acknowledgement states
   */
  constructor(
    private readonly clock: Clock,
    private since: Instant,
    private ttlMs: number,
  ) {}

  /** What is left, in milliseconds; 0 once it has ended. */
  remainingMs(now: Instant = this.clock.now()): number {
    if (this.ended) return 0;
    const leftMs = this.ttlMs - trustMarginMs(this.ttlMs) - elapsedMs(this.since, now);
    if (leftMs > 0) return leftMs;
    this.ended = true;
    return 0;
  }

  valid(now?: Instant): boolean {
    return this.remainingMs(now) > 0;
  }

  /**
   * Counts an acknowledged renewal. One that arrives after the trust has ended changes nothing, and neither does
   * one whose trust would end sooner than what is held already (answers may overtake each other).
   */
  extend(since: Instant, ttlMs: number, now: Instant = this.clock.now()): void {
    const leftMs = this.remainingMs(now);
    if (leftMs === 0 || ttlMs - trustMarginMs(ttlMs) - elapsedMs(since, now) <= leftMs) return;
    this.since = since;
    this.ttlMs = ttlMs;
  }
}
