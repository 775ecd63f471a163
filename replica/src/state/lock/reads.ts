import type { LeaderResponse } from '@aegis/proto/v1/election';
import {
  type Holder,
  type LockDescription,
  type LockListResponse,
  LockMode,
  type Waiter,
} from '@aegis/proto/v1/lock';
import type { ClaimKind } from '../applied.js';
import { firstOf, pageSize } from '../page.js';
import type { State } from '../state.js';
import type { Claim, ClaimList } from './claim.js';
import type { Lock } from './lock.js';

/** How many holders, and how many waiters, a description lists. */
const LISTED_MAX = 1000;

/** Names together, and what a summary takes beside its name: many pages may be on their way at once. */
const PAGE_BYTES_MAX = 256 * 1024;
const SUMMARY_BYTES = 32;

/** An election is told as the exclusive lock that it is. @param most how many holders, and how many waiters, are listed */
export function describeLock(
  state: State,
  name: string,
  { kind = 'lock', most = LISTED_MAX }: { readonly kind?: ClaimKind; readonly most?: number } = {},
): LockDescription {
  const lock = state.locks[kind].get(name);
  const sample = lock?.sample;
  return {
    name,
    mode: lock === undefined ? LockMode.UNSPECIFIED : modeOf(lock),
    permits: sample?.terms.permits ?? 0,
    holders: lock === undefined ? [] : listed(lock.holders, most, describeHolder),
    waiters: lock === undefined ? [] : listed(lock.queue, most, (claim) => describeWaiter(state, claim)),
    holderCount: lock?.holders.length ?? 0,
    waiterCount: lock?.queue.length ?? 0,
    delayRemainingMs:
      lock?.delay === undefined ? 0 : Math.max(0, lock.delay.deadline.atMs - state.clock.nowMs),
  };
}

/** Names sort by their UTF-16 code units. */
export function listLocks(state: State, prefix: string, after: string, limit: number): LockListResponse {
  const { page, more } = firstOf(locksAfter(state, prefix, after), pageSize(limit));
  const fitting = withinBytes(page);
  const locks = fitting.map((lock) => ({
    name: lock.name,
    mode: modeOf(lock),
    permits: lock.sample?.terms.permits ?? 0,
    holderCount: lock.holders.length,
    waiterCount: lock.queue.length,
    newestToken: lock.holders.last?.token ?? 0,
  }));
  return { locks, more: more || fitting.length < page.length };
}

export function describeLeader(state: State, name: string): LeaderResponse {
  const election = state.locks.election.get(name);
  const leader = election?.holders.first;
  return {
    election: name,
    leader: leader === undefined ? undefined : describeHolder(leader),
    candidates: election?.queue.length ?? 0,
    index: 0,
  };
}

/** As many of a page as its bytes allow: one at least, so that paging gets on. */
function withinBytes(page: readonly Lock[]): readonly Lock[] {
  let bytes = 0;
  const end = page.findIndex(
    (lock, at) => (bytes += Buffer.byteLength(lock.name) + SUMMARY_BYTES) > PAGE_BYTES_MAX && at > 0,
  );
  return end === -1 ? page : page.slice(0, end);
}

/** All names with a prefix stand together, and begin where the prefix would be. */
function* locksAfter(state: State, prefix: string, after: string): Iterable<Lock> {
  for (const lock of state.locks.lock.from(after > prefix ? after : prefix)) {
    if (!lock.name.startsWith(prefix)) return;
    if (lock.name > after) yield lock;
  }
}

/** What holds it; what waits for it if nothing does; UNSPECIFIED if it only rests. */
function modeOf(lock: Lock): LockMode {
  return lock.sample?.terms.mode ?? LockMode.UNSPECIFIED;
}

function listed<Description>(
  claims: ClaimList,
  most: number,
  describe: (claim: Claim) => Description,
): Description[] {
  const list: Description[] = [];
  for (const claim of claims) {
    if (list.length === most) break;
    list.push(describe(claim));
  }
  return list;
}

function describeHolder({ lease, claim, terms, token, value }: Claim): Holder {
  return { lease: lease.id, claim, mode: terms.mode, token, value };
}

function describeWaiter(state: State, { lease, claim, terms, deadline }: Claim): Waiter {
  const waitRemainingMs = deadline === undefined ? -1 : Math.max(0, deadline.atMs - state.clock.nowMs);
  return { lease: lease.id, claim, mode: terms.mode, waitRemainingMs };
}
