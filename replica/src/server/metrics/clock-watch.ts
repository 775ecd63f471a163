import type { Logger } from '../logger.js';
import type { Metrics } from './metrics.js';

const REPEAT_MS = 60_000;

/**
 * Tells when a peer's wall clock is further off than the settings allow. It decides nothing: lease time stands on the
 * leaders' stamps (lease time, rule 7).
 */
export class ClockWatch {
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #alertMs: number;
  readonly #now: () => number;
  readonly #toldAt = new Map<number, number>();

  constructor(
    metrics: Metrics,
    logger: Logger,
    alertMs: number,
    now: () => number = () => performance.now(),
  ) {
    this.#metrics = metrics;
    this.#logger = logger;
    this.#alertMs = alertMs;
    this.#now = now;
  }

  /** `offsetMs`: the peer's wall clock minus ours. */
  observe(peer: number, offsetMs: number): void {
    this.#metrics.clockOffset.set({ to: peer }, offsetMs / 1000);
    const off = Math.abs(offsetMs) > this.#alertMs;
    this.#metrics.clockOffsetAlert.set({ to: peer }, off ? 1 : 0);
    if (!off || this.#now() - (this.#toldAt.get(peer) ?? -Infinity) < REPEAT_MS) return;
    this.#toldAt.set(peer, this.#now());
    this.#logger.warn('the clock of a peer is off', {
      peer,
      offsetMs: Math.round(offsetMs),
      alertMs: this.#alertMs,
    });
  }
}
