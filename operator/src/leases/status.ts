import { HOLDERS_SHOWN_MAX, type AegisLease, type AegisLeaseStatus, type Condition } from '@aegis/crds';
import type { SharedSettings } from '@aegis/proto/v1/cluster';
import type { LockDescription } from '@aegis/proto/v1/lock';
import { present, sameStatus } from '../kube/status.js';
import { judgePolicy, leaseName, modeOf, type Verdict } from './policy.js';

/** What came of asking for a lock. */
export type Seen =
  | {
      readonly kind: 'answered';
      readonly lock: LockDescription;
      readonly settings: SharedSettings | undefined;
    }
  /** There is no such cluster, so that nobody can hold anything of it. */
  | { readonly kind: 'gone'; readonly why: Verdict }
  /** It may be held or not: what was seen last stays. */
  | { readonly kind: 'silent'; readonly why: Verdict };

/** What a status says; what is seen later and is the same is not written again for so long. */
export const FRESH_MS = 10 * 60_000;

/** @param others declarations of the same lock */
export function leaseStatusOf(
  lease: AegisLease,
  seen: Seen,
  others: readonly AegisLease[],
  now: Date,
): AegisLeaseStatus {
  const before = lease.status ?? {};
  const { generation } = lease.metadata;
  const conditions = (observed: Verdict, kept: Verdict): Condition[] =>
    Object.entries({ Observed: observed, PolicyKept: kept }).map(([type, verdict]) =>
      conditionOf(type, verdict, before.conditions, generation, now),
    );
  const head = generation === undefined ? {} : { observedGeneration: generation };
  if (seen.kind !== 'answered') {
    const unknown: Verdict = { status: 'Unknown', reason: 'NotObserved', message: seen.why.message };
    const { holders, holderCount, waiterCount, newestToken, observedTime } = before;
    const last = { holders, holderCount, waiterCount, newestToken, observedTime };
    return {
      ...head,
      conditions: conditions(seen.why, unknown),
      ...(seen.kind === 'gone' ? { holders: [], holderCount: 0, waiterCount: 0 } : present(last)),
    };
  }
  const { lock, settings } = seen;
  const answered: Verdict = { status: 'True', reason: 'Answered', message: 'this is what the leader said' };
  const newestToken = Math.max(...lock.holders.map(({ token }) => token));
  const found = {
    ...head,
    conditions: conditions(answered, judgePolicy(lease, lock, others, settings)),
    holders: lock.holders.slice(0, HOLDERS_SHOWN_MAX).map(({ lease: id, claim, token, mode }) => ({
      lease: leaseName(id),
      claim,
      fencingToken: token,
      mode: modeOf(mode),
    })),
    holderCount: lock.holderCount,
    waiterCount: lock.waiterCount,
    ...(lock.holders.length === 0 ? {} : { newestToken }),
  };
  const { observedTime } = before;
  const fresh = observedTime !== undefined && now.getTime() - Date.parse(observedTime) < FRESH_MS;
  // The time alone is no reason to write.
  const same = fresh && sameStatus(before, { ...found, observedTime });
  return { ...found, observedTime: same ? observedTime : secondsOf(now) };
}

function conditionOf(
  type: string,
  verdict: Verdict,
  before: readonly Condition[] | undefined,
  generation: number | undefined,
  now: Date,
): Condition {
  const old = before?.find((condition) => condition.type === type);
  return {
    type,
    ...verdict,
    lastTransitionTime: old?.status === verdict.status ? old.lastTransitionTime : secondsOf(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
