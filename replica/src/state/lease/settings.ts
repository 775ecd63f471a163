/** The settings that apply can see: replicated, changed only by a command. */
export interface LeaseSettings {
  readonly leaseMinTtlMs: number;
  readonly leaseMaxTtlMs: number;
}

/** Until a command sets others. Fixed by the state machine version. */
export const DEFAULT_LEASE_SETTINGS: LeaseSettings = { leaseMinTtlMs: 2000, leaseMaxTtlMs: 86_400_000 };

/** No setting makes a TTL longer than a hundred years: deadlines stay far inside the safe integers. */
export const LEASE_TTL_MS_MAX = 3_155_760_000_000;
