import { deleteKeysOf } from '../kv/delete-range.js';
import type { Lock } from '../lock/lock.js';
import { removeClaim, startDelay } from '../lock/queue.js';
import { forgetResults } from '../session/at-most-once.js';
import type { State } from '../state.js';
import type { Lease } from './lease.js';

/**
 * Ends a lease with everything that hangs on it. Its deadline must be out of the schedule already. Returns the locks
 * whose queues are to be run once all removals are done, in the order in which the lease had claimed them.
 */
export function endLease(state: State, lease: Lease): Set<Lock> {
  lease.ended = true;
  state.leases.delete(lease.id);
  const touched = new Set<Lock>();
  for (const claim of lease.claims) {
    removeClaim(state, claim, 'leaseEnded');
    if (claim.token !== 0) startDelay(state, claim);
    touched.add(claim.lock);
  }
  deleteKeysOf(state, lease);
  forgetResults(state, lease);
  state.rows.delete(lease.row);
  return touched;
}
