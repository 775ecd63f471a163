/** The settings of leases, the same for the whole cluster: replicated, changed only by a command. */
export interface LeaseSettings {
  readonly leaseMinTtlMs: number;
  readonly leaseMaxTtlMs: number;
  /** Leases that one Expire ends at most. 0: no leader has given its settings yet. */
  readonly leaseExpiryPerTick: number;
}

/** Until a command sets others. Fixed by the state machine version. */
export const DEFAULT_LEASE_SETTINGS: LeaseSettings = {
  leaseMinTtlMs: 2000,
  leaseMaxTtlMs: 86_400_000,
  leaseExpiryPerTick: 0,
};

/** What is left due by one Expire follows with the next: no entry may keep a replica busy for long. */
export const LEASE_EXPIRY_MAX = 100_000;

/** No setting makes a TTL longer than a hundred years: deadlines stay far inside the safe integers. */
export const LEASE_TTL_MS_MAX = 3_155_760_000_000;
