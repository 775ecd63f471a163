/**
 * What the driver needs of the world beside disk and network. The real one is `real-environment.ts`; the
 * simulator gives its own, so nothing under `driver/` reads a clock, a timer or a random source directly.
 */
export interface Environment {
  /** Milliseconds of a clock that never goes back and may stop while the machine sleeps. Fractions count. */
  monotonicMs(): number;
  /** Wall clock, milliseconds since 1970. May jump. */
  wallMs(): number;
  /** A whole number, uniform in [0, n). */
  randomInt(n: number): number;
  /** Runs `task` after everything that this event-loop turn still delivers. */
  endOfTurn(task: () => void): void;
  /** Runs `task` after every socket has been read once more. */
  afterSocketRound(task: () => void): void;
  /** Runs `task` about every `ms`; ticks missed while the process stood still are not made up. */
  every(ms: number, task: () => void): Timer;
}

export interface Timer {
  stop(): void;
}
