import type { LeaseSummary, LeaseTimeToLiveResponse } from '@aegis/proto/v1/lease';
import { ask, resultOf } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import { checkWhole, invalid } from '../lock/options.js';

/** A lease as it was granted. Ids are unsigned 64-bit numbers as decimal strings. */
export interface GrantedLease {
  readonly lease: string;
  readonly ttlMs: number;
}

/** One page of all leases. `total` counts those of all pages. */
export interface LeasePage {
  readonly leases: readonly LeaseSummary[];
  readonly more: boolean;
  readonly total: number;
}

/**
 * Leases by hand, for those who build something of their own on them; sessions keep theirs alive by themselves.
 *
 * Grant and revoke are sent again only when they certainly had no effect: after an error whose `definite` is false
 * it is for the caller to look. All fail with UnavailableError or RequestTimeoutError without an answer in time.
 */
export class Leases {
  constructor(
    private readonly connection: Connection,
    private readonly timeoutMs: number,
  ) {}

  /**
   * A new lease. Fails with LeaseExistsError (the id is taken) or InvalidRequestError (the TTL is out of bounds).
   * @param ttlMs a whole number of milliseconds
   * @param lease its id; '0': the replica chooses
   */
  async grant(ttlMs: number, lease: string = '0'): Promise<GrantedLease> {
    checkWhole('ttlMs', ttlMs, 1, Number.MAX_SAFE_INTEGER);
    const request = { $case: 'leaseGrant' as const, value: { lease: checkLease(lease), ttlMs } };
    return resultOf(await ask(this.connection, request, 'definite', this.timeoutMs), 'leaseGrant');
  }

  /**
   * Renews leases, once, all in one operation.
   * @param leases at most 10,000
   * @returns the TTL that each was renewed to, in milliseconds, in the same order; 0: there is no such lease
   */
  async keepAlive(leases: readonly string[]): Promise<readonly number[]> {
    const request = { $case: 'leaseKeepAlive' as const, value: { leases: leases.map(checkLease) } };
    return resultOf(await ask(this.connection, request, 'always', this.timeoutMs), 'leaseKeepAlive').ttlMs;
  }

  /** Ends a lease and all that hangs on it. Fails with LeaseNotFoundError. */
  async revoke(lease: string): Promise<void> {
    const request = { $case: 'leaseRevoke' as const, value: { lease: checkLease(lease) } };
    await ask(this.connection, request, 'definite', this.timeoutMs);
  }

  /** What is left of a lease, and what hangs on it. Fails with LeaseNotFoundError. */
  async timeToLive(lease: string): Promise<LeaseTimeToLiveResponse> {
    const request = { $case: 'leaseTimeToLive' as const, value: { lease: checkLease(lease), stale: false } };
    return resultOf(await ask(this.connection, request, 'always', this.timeoutMs), 'leaseTimeToLive');
  }

  /**
   * One page of all leases in the order of their ids.
   * @param after the last id of the page before; '0': from the first
   * @param limit at most 1,000
   */
  async list(after: string = '0', limit: number = 1_000): Promise<LeasePage> {
    const value = { after: checkLease(after), limit: checkWhole('limit', limit, 1, 1_000), stale: false };
    const request = { $case: 'leaseList' as const, value };
    return resultOf(await ask(this.connection, request, 'always', this.timeoutMs), 'leaseList');
  }
}

export function checkLease(lease: string): string {
  if (/^\d{1,20}$/.test(lease) && BigInt(lease) < 1n << 64n) return lease;
  throw invalid(`lease id ${JSON.stringify(lease)} is not an unsigned 64-bit number in decimal`);
}
