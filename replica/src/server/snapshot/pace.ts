import type { Environment } from '../driver/environment.js';

/** What may leave at once after a rest, as time at the full rate. */
const BURST_MS = 100;

/** Keeps what is sent to a rate: bytes may leave while the balance is not used up. */
export class Pace {
  readonly #environment: Environment;
  readonly #bytesPerMs: number;
  /** Negative after a chunk larger than what was left. */
  #balance: number;
  #at: number;

  constructor(environment: Environment, bytesPerSecond: number) {
    this.#environment = environment;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#balance = BURST_MS * this.#bytesPerMs;
    this.#at = environment.monotonicMs();
  }

  /** Whether something may leave now. */
  get open(): boolean {
    const now = this.#environment.monotonicMs();
    const earned = this.#balance + (now - this.#at) * this.#bytesPerMs;
    this.#balance = Math.min(earned, BURST_MS * this.#bytesPerMs);
    this.#at = now;
    return this.#balance > 0;
  }

  spend(bytes: number): void {
    this.#balance -= bytes;
  }
}
