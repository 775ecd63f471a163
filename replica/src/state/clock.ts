/** The most that one stamp moves lease time on. Fixed by the state machine version, never a setting. */
export const STEP_MS = 2000;

/**
 * Lease time. Only differences between the leader's stamps within one term count, so what passes between terms, and
 * what a clock says in absolute terms, has no part in it.
 */
export class LeaseClock {
  /** L. Never falls. */
  nowMs = 0;
  /** Term and stamp of the last stamped entry. */
  stampTerm = 0;
  stampMs = 0;

  stamp(term: number, stampMs: number): void {
    if (term === this.stampTerm) this.nowMs += Math.min(Math.max(stampMs - this.stampMs, 0), STEP_MS);
    this.stampTerm = term;
    this.stampMs = stampMs;
  }
}
