import type { EventQueue } from './event-queue.js';

const EPOCH_MS = 1_700_000_000_000;

/** The two clocks of one simulated machine: true time with a drift, and on the wall clock whatever somebody set. */
export class MachineClock {
  readonly #queue: EventQueue;
  #rate = 1;
  /** Where the monotonic clock stood when its rate changed last. */
  #baseMs = 0;
  #sinceMs = 0;
  wallOffsetMs: number;

  constructor(queue: EventQueue, wallOffsetMs = 0) {
    this.#queue = queue;
    this.wallOffsetMs = wallOffsetMs;
  }

  /** How many of its milliseconds pass in one true one. */
  get rate(): number {
    return this.#rate;
  }

  setRate(rate: number): void {
    this.#baseMs = this.monotonicMs();
    this.#sinceMs = this.#queue.nowMs;
    this.#rate = rate;
  }

  monotonicMs(): number {
    return this.#baseMs + (this.#queue.nowMs - this.#sinceMs) * this.#rate;
  }

  wallMs(): number {
    return Math.floor(EPOCH_MS + this.wallOffsetMs + this.monotonicMs());
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.wallOffsetMs += ms;
  }

  /** True milliseconds in which so many of its own pass. */
  trueMs(ms: number): number {
    return ms / this.#rate;
  }
}
