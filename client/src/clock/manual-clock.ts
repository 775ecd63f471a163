import type { Clock, Instant, TimerHandle, Timers } from './clock.js';

interface ManualTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Clocks and timers that move only when told to: for tests of everything that depends on time. */
export class ManualClock implements Clock, Timers {
  private monotonicMs = 1_000;
  private wallMs = 1_700_000_000_000;
  private readonly timers = new Set<ManualTimer>();
  private turn: (() => void)[] = [];

  now(): Instant {
    return { monotonicMs: this.monotonicMs, wallMs: this.wallMs };
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = { dueMs: this.monotonicMs + delayMs, callback };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.timers.delete(handle as ManualTimer);
  }

  endOfTurn(callback: () => void): void {
    this.turn.push(callback);
  }

  /** Ends the turn: runs what waits for its end, and what that adds. */
  endTurn(): void {
    while (this.turn.length > 0) {
      const callbacks = this.turn;
      this.turn = [];
      for (const callback of callbacks) callback();
    }
  }

  /** Lets time pass with every timer fired at its moment. */
  advance(ms: number): void {
    const endMs = this.monotonicMs + ms;
    for (let timer = this.next(endMs); timer !== undefined; timer = this.next(endMs)) {
      this.move(Math.max(0, timer.dueMs - this.monotonicMs));
      this.fire(timer);
    }
    this.move(endMs - this.monotonicMs);
  }

  /** The process stands still (SIGSTOP): both clocks move, no timer fires. */
  pause(ms: number): void {
    this.move(ms);
  }

  /** The machine is suspended: only the wall clock moves. */
  suspend(ms: number): void {
    this.wallMs += ms;
  }

  /** Someone sets the wall clock. */
  setWall(byMs: number): void {
    this.wallMs += byMs;
  }

  private move(ms: number): void {
    this.monotonicMs += ms;
    this.wallMs += ms;
  }

  private next(endMs: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.timers) {
      if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }

  private fire(timer: ManualTimer): void {
    this.timers.delete(timer);
    timer.callback();
    this.endTurn();
  }
}
