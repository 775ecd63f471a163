import type { StateMachine } from '../../../state/index.js';

/** What is asked of a state for these pages. */
export type Holdings = Pick<
  StateMachine,
  'appliedIndex' | 'counts' | 'leaseIds' | 'leaseSummary' | 'claimedNames' | 'claims'
>;

/** Of a lease, what it holds or waits for; of a lock, who holds it and who waits: so many of each are listed, and all are counted. */
export const LISTED_MAX = 5;

/** A lease as its page tells it. Undefined: it has ended since. */
export function leaseOf(state: Holdings, id: string): object | undefined {
  const lease = state.leaseSummary(id, LISTED_MAX);
  if (lease === undefined) return undefined;
  const claims = lease.claims.map(({ kind, name, token }) => ({ kind, name, token }));
  return { ...lease, claims };
}

/** A lock or an election as its page tells it; what candidates say of themselves is for clients only. Undefined: nobody uses it any more. */
export function lockOf(state: Holdings, kind: 'lock' | 'election', name: string): object | undefined {
  const { holders, waiters, ...lock } = state.claims(kind, name, LISTED_MAX);
  if (lock.holderCount + lock.waiterCount === 0 && lock.delayRemainingMs === 0) return undefined;
  return {
    ...lock,
    holders: holders.map(({ lease, token }) => ({ lease, token })),
    waiters: waiters.map(({ lease, waitRemainingMs }) => ({ lease, waitRemainingMs })),
  };
}
