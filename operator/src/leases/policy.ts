import type { AegisLease, Condition } from '@aegis/crds';
import type { SharedSettings } from '@aegis/proto/v1/cluster';
import { type LockDescription, LockMode } from '@aegis/proto/v1/lock';

export type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;
type Mode = AegisLease['spec']['mode'];

const MODES: Readonly<Partial<Record<LockMode, Mode>>> = {
  [LockMode.EXCLUSIVE]: 'Exclusive',
  [LockMode.SHARED]: 'Shared',
  [LockMode.SEMAPHORE]: 'Semaphore',
};

export function modeOf(mode: LockMode): Mode {
  return MODES[mode] ?? 'Exclusive';
}

/** The id of a lease as people see it: hex digits. It comes as a decimal text. */
export function leaseName(id: string): string {
  return BigInt(id).toString(16);
}

/**
 * Whether a lock is used as it was declared. The members know of no policy: each claim says itself how it wants the lock, so that a
 * client which asks for something else is seen here, and nowhere held back.
 * @param others of the same lock, declared too
 * @param settings of the cluster's leases, where they are known
 */
export function judgePolicy(
  { spec }: AegisLease,
  lock: LockDescription,
  others: readonly AegisLease[],
  settings: SharedSettings | undefined,
): Verdict {
  const against = others.filter((other) => !samePolicy(other.spec, spec));
  if (against.length > 0) {
    const names = against.map(({ metadata }) => metadata.name).toSorted();
    return no(
      'DeclaredTwice',
      `${names.join(', ')} declares the lock ${spec.key} otherwise: delete one of them, or make them alike`,
    );
  }
  const { leaseMinTtlMs = 0, leaseMaxTtlMs = 0 } = settings ?? {};
  if (leaseMaxTtlMs > 0 && (spec.ttlMs < leaseMinTtlMs || spec.ttlMs > leaseMaxTtlMs)) {
    return no(
      'TtlOutOfBounds',
      `the cluster grants leases of ${leaseMinTtlMs} to ${leaseMaxTtlMs} ms and none of ${spec.ttlMs} ms: change spec.ttlMs, or leaseMinTtlMs and leaseMaxTtlMs of the cluster`,
    );
  }
  const users = [
    ...lock.holders.map((claim) => ({ claim, does: 'holds' })),
    ...lock.waiters.map((claim) => ({ claim, does: 'waits for' })),
  ];
  const strange = users.find(({ claim }) => modeOf(claim.mode) !== spec.mode);
  if (strange !== undefined) {
    const { claim, does } = strange;
    return no(
      'ModeDiffers',
      `lease ${leaseName(claim.lease)} ${does} it as ${modeOf(claim.mode)}, and ${spec.mode} is declared: mend that client, or the declaration`,
    );
  }
  if (users.length > 0 && spec.mode === 'Semaphore' && lock.permits !== spec.permits) {
    return no(
      'PermitsDiffer',
      `it is in use with ${lock.permits} permits, and ${spec.permits} are declared: clients must agree before it is free again`,
    );
  }
  return users.length === 0
    ? { status: 'True', reason: 'Free', message: 'nobody holds it or waits for it' }
    : { status: 'True', reason: 'Kept', message: 'whoever holds it or waits for it does so as declared' };
}

function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}

function samePolicy(a: AegisLease['spec'], b: AegisLease['spec']): boolean {
  return (['mode', 'permits', 'ttlMs', 'lockDelayMs'] as const).every((name) => a[name] === b[name]);
}
