import type { Clock, TimerHandle, Timers } from '../clock/clock.js';
import type { Operation } from './operation.js';

/** The first pause before a refused operation is sent again, in milliseconds; doubled with each, up to the second. */
const PAUSE_MS_MIN = 10;
const PAUSE_MS_MAX = 400;
const LOOK_EVERY_MS = 10;

/** Refused operations that wait to be sent again: one timer for all of them. */
export class Retries {
  private waiting: { readonly operation: Operation; readonly dueMs: number }[] = [];
  private timer: TimerHandle | undefined;

  /** @param resend takes those whose pause is over */
  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly random: () => number,
    private readonly resend: (operations: Operation[]) => void,
  ) {}

  add(operation: Operation): void {
    const ceilingMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** operation.refusals++);
    const pauseMs = ceilingMs * (0.5 + this.random() / 2);
    this.waiting.push({ operation, dueMs: this.clock.now().monotonicMs + pauseMs });
    this.arm();
  }

  /** The reason for the refusals may be gone: all of them at once. */
  release(): void {
    if (this.waiting.length === 0) return;
    const released = this.waiting.map(({ operation }) => operation);
    this.waiting = [];
    this.resend(released);
  }

  stop(): void {
    if (this.timer !== undefined) this.timers.clearTimeout(this.timer);
    this.waiting = [];
  }

  private arm(): void {
    if (this.timer !== undefined || this.waiting.length === 0) return;
    this.timer = this.timers.setTimeout(() => this.look(), LOOK_EVERY_MS);
  }

  private look(): void {
    this.timer = undefined;
    const nowMs = this.clock.now().monotonicMs;
    const due = this.waiting.filter(({ dueMs }) => dueMs <= nowMs).map(({ operation }) => operation);
    if (due.length > 0) {
      this.waiting = this.waiting.filter(({ dueMs }) => dueMs > nowMs);
      this.resend(due);
    }
    this.arm();
  }
}
