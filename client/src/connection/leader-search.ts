import type { StreamHandle } from './stream-handle.js';

/**
 * How long a replica may know no leader before another one is asked, in milliseconds: elections take less. Doubled with each that
 * knows none either, up to the second.
 */
const PATIENCE_MS_MIN = 1_000;
const PATIENCE_MS_MAX = 8_000;

/**
 * Decides when to look elsewhere, because the replica at the other end knows no leader: it may be cut off from the others, while
 * those have elected one.
 */
export class LeaderSearch {
  private sinceMs: number | undefined;
  private patienceMs = PATIENCE_MS_MIN;

  /** Whether it is time to ask another replica. To be called every few dozen milliseconds. */
  due({ welcome }: StreamHandle, nowMs: number): boolean {
    if (welcome?.leaderId !== 0) {
      this.reset();
      return false;
    }
    this.sinceMs ??= nowMs;
    if (nowMs - this.sinceMs < this.patienceMs) return false;
    this.sinceMs = nowMs;
    this.patienceMs = Math.min(PATIENCE_MS_MAX, this.patienceMs * 2);
    return true;
  }

  private reset(): void {
    this.sinceMs = undefined;
    this.patienceMs = PATIENCE_MS_MIN;
  }
}
