import type { Clock, TimerHandle, Timers } from '../clock/clock.js';

/** How often timeouts, trust and silence are looked at, in milliseconds. */
export const TICK_MS = 50;
/** A tick that comes this much late means that the process stood still, in milliseconds. */
const PAUSE_MS = 300;

/** One coarse timer for everything on a connection that depends on time; it stands still when nothing does. */
export class Ticker {
  private timer: TimerHandle | undefined;
  private lastMs = 0;

  /** @param tick says whether another tick is needed; `paused`: this process itself has been standing still */
  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly tick: (paused: boolean) => boolean,
  ) {}

  start(): void {
    if (this.timer !== undefined) return;
    this.lastMs = this.clock.now().monotonicMs;
    this.arm();
  }

  stop(): void {
    if (this.timer !== undefined) this.timers.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private arm(): void {
    this.timer = this.timers.setTimeout(() => {
      this.timer = undefined;
      const nowMs = this.clock.now().monotonicMs;
      const paused = nowMs - this.lastMs > TICK_MS + PAUSE_MS;
      this.lastMs = nowMs;
      if (this.tick(paused) && this.timer === undefined) this.arm();
    }, TICK_MS);
  }
}
