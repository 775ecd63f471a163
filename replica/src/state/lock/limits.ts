/** Bounds that the state machine version fixes. */
export const NAME_BYTES_MAX = 1024;
export const PERMITS_MAX = 1_000_000;
export const LOCK_DELAY_MS_MAX = 600_000;
/** A hundred years; more is said with -1. */
export const WAIT_MS_MAX = 3_155_760_000_000;
export const ELECTION_VALUE_BYTES_MAX = 65_536;

export const WAITERS_PER_LOCK_MAX = 10_000;
export const WAITERS_PER_LEASE_MAX = 10_000;
/** Held or waiting. What ends with a lease ends in one command, and that must not hold up a heartbeat. */
export const CLAIMS_PER_LEASE_MAX = 20_000;
