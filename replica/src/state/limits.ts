/**
 * How much a whole state may hold. Fixed by the state machine version: `apply` sees it, so no setting may. Beside these
 * stand the limits of a lock, a lease and a session.
 */
export interface StateLimits {
  readonly leases: number;
  /** Of locks and elections together, held or waiting. */
  readonly claims: number;
  readonly waiters: number;
  /** Bytes of results that one session may leave unacknowledged before it is refused further calls. */
  readonly sessionResultBytes: number;
  /** The same of all sessions together. */
  readonly resultBytes: number;
}

const MEBIBYTE = 1024 * 1024;

export const STATE_LIMITS: StateLimits = {
  leases: 500_000,
  claims: 1_000_000,
  waiters: 250_000,
  sessionResultBytes: 4 * MEBIBYTE,
  resultBytes: 256 * MEBIBYTE,
};
