import type { TimerHandle, Timers } from '../clock/clock.js';

const BACKOFF_MS_MIN = 50;
const BACKOFF_MS_MAX = 1_000;

/** Growing, jittered pauses between attempts that keep failing. */
export class Backoff {
  private failures = 0;
  private timer: TimerHandle | undefined;

  /** @param random from 0 to 1 */
  constructor(
    private readonly timers: Timers,
    private readonly random: () => number,
  ) {}

  get waiting(): boolean {
    return this.timer !== undefined;
  }

  /** Calls back after a pause, longer than the one before. */
  pause(then: () => void): void {
    const ceilingMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.failures++);
    this.timer = this.timers.setTimeout(
      () => {
        this.timer = undefined;
        then();
      },
      ceilingMs * (0.5 + this.random() / 2),
    );
  }

  /** An attempt has succeeded: the next pause is the shortest. */
  reset(): void {
    this.failures = 0;
  }

  stop(): void {
    if (this.timer !== undefined) this.timers.clearTimeout(this.timer);
    this.timer = undefined;
  }
}
