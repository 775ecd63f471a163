import { endDelay } from './lock/queue.js';
import { endLease } from './lease/end-lease.js';
import type { State } from './state.js';

/**
 * By how much a restore raises the revision, the fencing token and the index: far beyond what the old cluster can have
 * given after the backup. So whoever knew the old one sees larger tokens, revisions of which it has never heard, and
 * no lease under an id that it holds.
 */
export const RESTORE_JUMP = 1_000_000_000;

/** Lease ids are made of the index, which must leave room for them (`lease/lease-id.ts`). */
const INDEX_MAX = 2 ** 43;
const COUNTER_MAX = Number.MAX_SAFE_INTEGER - RESTORE_JUMP;

/** Why these counters cannot be raised once more; undefined if they can. */
export function noRoomToJump(index: number, { kv, newestToken }: State): string | undefined {
  const past = (what: string, value: number, max: number): string | undefined =>
    value + RESTORE_JUMP <= max
      ? undefined
      : `its ${what}, ${value}, is too large to be raised by ${RESTORE_JUMP}`;
  return (
    past('index', index, INDEX_MAX) ??
    past('revision', kv.revision, COUNTER_MAX) ??
    past('fencing token', newestToken, COUNTER_MAX)
  );
}

/**
 * Gives up what belonged to the processes of the old cluster, as if all its leases ended at once and nothing was granted
 * afterwards: sessions, claims, rests of locks, and the keys that hung on leases. The rest of the keys stays as it is;
 * of their history, whatever is older than this moment is compacted. Lease time goes on where it stood.
 */
export function beginNewCluster(state: State): void {
  const { kv } = state;
  const revision = kv.revision + RESTORE_JUMP;
  const leases = [...state.leases.values()];
  for (const lease of leases.sort((a, b) => a.key.high - b.key.high || a.key.low - b.key.low)) {
    state.deadlines.remove(lease.deadline);
    endLease(state, lease);
  }
  const locks = [...state.locks.lock.values(), ...state.locks.election.values()];
  const delays = locks.flatMap(({ delay }) => delay ?? []);
  for (const delay of delays.sort((a, b) => a.number - b.number)) {
    state.deadlines.remove(delay.deadline);
    endDelay(state, delay);
  }
  state.locks.lock.clear();
  state.locks.election.clear();
  // They spoke of members and disks of the old cluster; the new one gives their ids to others.
  state.alarms.keepThoseOf(new Set());

  state.newestToken += RESTORE_JUMP;
  kv.raiseRevision(revision);
  kv.compactedRevision = revision;
  kv.seal();
}
