/** STEP of the lease-time rules, fixed by the state machine version. */
export const STEP_MS = 2000;

/**
 * The leader's clock for one term (DESIGN, lease time, rule 2).
 *
 * Invariants, each for one term: stamps never fall; until one has been applied all equal the first; none
 * exceeds the newest applied one + STEP; none exceeds the previous one + the monotonic time since that was
 * taken. What the cap cuts off is dropped, never caught up.
 */
export class Stamper {
  readonly term: number;
  #stamp: number;
  #takenAt: number;
  #newestApplied: number | undefined;

  constructor(term: number, wallMs: number, monotonicMs: number) {
    this.term = term;
    this.#stamp = Math.floor(wallMs);
    this.#takenAt = monotonicMs;
  }

  take(monotonicMs: number): number {
    const cap = this.#newestApplied === undefined ? this.#stamp : this.#newestApplied + STEP_MS;
    const elapsed = Math.max(0, Math.floor(monotonicMs - this.#takenAt));
    const wanted = this.#stamp + elapsed;
    if (wanted > cap) {
      this.#stamp = Math.max(this.#stamp, cap);
      this.#takenAt = monotonicMs;
    } else {
      this.#stamp = wanted;
      this.#takenAt += elapsed;
    }
    return this.#stamp;
  }

  /** Tells it that the state machine has applied a command of `term` with this stamp. */
  applied(term: number, stamp: number): void {
    if (term !== this.term) return;
    if (this.#newestApplied === undefined || stamp > this.#newestApplied) this.#newestApplied = stamp;
  }
}
