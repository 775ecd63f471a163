/** A moment by both clocks of this machine. Only differences of two instants mean anything. */
export interface Instant {
  /** Milliseconds since an arbitrary start. Never goes back; stands still while the machine is suspended. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970. Runs through a suspend; may be set, forwards or backwards. */
  readonly wallMs: number;
}

export interface Clock {
  now(): Instant;
}

/** An armed timer. Opaque: give it back to the timers that armed it. */
export type TimerHandle = object;

export interface Timers {
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
  /** Runs the callback when everything that is ready in this turn of the event loop has been handled. */
  endOfTurn(callback: () => void): void;
}

export const systemClock: Clock = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
};

export const systemTimers: Timers = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  endOfTurn: (callback) => void setImmediate(callback),
};

/**
 * The time from one instant to another in milliseconds: the larger of what the two clocks say, because the
 * monotonic one misses a suspend and the wall clock may be set back.
 */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(to.monotonicMs - from.monotonicMs, to.wallMs - from.wallMs);
}
