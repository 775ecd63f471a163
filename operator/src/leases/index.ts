import { AegisError, ServiceDisabledError } from '@aegis/client';
import type { AegisLease } from '@aegis/crds';
import type { Context } from '../context.js';
import type { ObjectRef } from '../kube/object.js';
import { RESOURCES } from '../kube/resource.js';
import { applyStatus, sameStatus } from '../kube/status.js';
import type { Credentials } from '../observe/members-port.js';
import type { LeaderSeen } from '../observe/membership.js';
import { leaseStatusOf, type Seen } from './status.js';

/** A lock is asked for no more often than this. */
export const REFRESH_MS = 5_000;
/** Looked at in one look at a cluster, those first that wait the longest; the rest follow with the next. */
const LEASES_A_LOOK = 500;
/** Asked for at the same time. */
const AT_ONCE = 16;

/** When each declaration of a process was looked at last, on the monotonic clock, by uid and generation. */
const looks = new WeakMap<Context, Map<string, number>>();

/**
 * Sees to the status of every AegisLease of one cluster: what its leader says of the lock, and whether that is as declared. Called in
 * every look at a cluster, and for one that is not there. Nothing is changed in the cluster: clients hold locks, and these objects
 * say what is meant and what is so.
 * @param leader undefined: nobody leads, or it is not known
 * @returns after how long to look again, in milliseconds; undefined: there are none
 */
export async function reconcileLeases(
  context: Context,
  ref: ObjectRef,
  cluster:
    { readonly credentials: Credentials | undefined; readonly leader: LeaderSeen | undefined } | undefined,
): Promise<number | undefined> {
  const declared = leasesOf(context, ref);
  if (declared.length === 0) return undefined;
  const asked = looksOf(context);
  const nowMs = performance.now();
  const due = declared
    .map((lease) => ({ lease, at: asked.get(lookOf(lease)) ?? -Infinity }))
    .filter(({ at }) => nowMs - at >= REFRESH_MS)
    .toSorted((a, b) => a.at - b.at)
    .slice(0, LEASES_A_LOOK);
  const see = seer(context, ref, cluster);
  const todo = due.map(({ lease }) => lease);
  const worker = async (): Promise<void> => {
    for (let lease = todo.shift(); lease !== undefined; lease = todo.shift()) {
      context.signal.throwIfAborted();
      const seen = await see(lease.spec.key);
      const others = declared.filter((other) => other !== lease && other.spec.key === lease.spec.key);
      const status = leaseStatusOf(lease, seen, others, context.now());
      if (!sameStatus(lease.status ?? {}, status))
        await applyStatus(context, RESOURCES.leases, lease, status);
      asked.set(lookOf(lease), performance.now());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  forget(context, asked);
  // Of a cluster that is not there nobody can tell more.
  return cluster === undefined ? undefined : REFRESH_MS;
}

function leasesOf({ caches }: Context, { namespace, name }: ObjectRef): AegisLease[] {
  return caches.leases
    .list()
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespace &&
        spec.clusterRef.name === name &&
        metadata.deletionTimestamp === undefined,
    );
}

/** Asks the leader; once it does not answer, it is asked for none of the rest. */
function seer(
  { members }: Context,
  { name, namespace }: ObjectRef,
  cluster:
    { readonly credentials: Credentials | undefined; readonly leader: LeaderSeen | undefined } | undefined,
): (key: string) => Promise<Seen> {
  if (cluster === undefined) {
    const message = `there is no AegisCluster ${name} in the namespace ${namespace}: make it, or delete this`;
    return () => Promise.resolve({ kind: 'gone', why: no('ClusterNotFound', message) });
  }
  const { credentials, leader } = cluster;
  const address = leader?.pod.address;
  let silent: Seen | undefined;
  if (leader === undefined || address === undefined || credentials === undefined)
    silent = {
      kind: 'silent',
      why: no('ClusterNotAvailable', `no leader of ${name} answers: see the conditions of the AegisCluster`),
    };
  return async (key) => {
    if (silent !== undefined) return silent;
    try {
      const lock = await members.lock(address!, credentials!, key);
      return { kind: 'answered', lock, settings: leader!.status.settings };
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      const disabled = error instanceof ServiceDisabledError;
      const reason = disabled ? 'LocksDisabled' : 'ClusterNotAvailable';
      const message = disabled
        ? `the profile of ${name} has no locks: use a cluster of the profile locks or all`
        : `the leader of ${name} does not tell: ${error.message}`;
      const why: Seen = { kind: 'silent', why: no(reason, message) };
      silent = why;
      return why;
    }
  };
}

function no(reason: string, message: string) {
  return { status: 'False', reason, message } as const;
}

function looksOf(context: Context): Map<string, number> {
  let asked = looks.get(context);
  if (asked === undefined) {
    asked = new Map();
    looks.set(context, asked);
  }
  return asked;
}

/** A changed declaration is looked at at once. */
function lookOf({ metadata }: AegisLease): string {
  return `${metadata.uid} ${metadata.generation}`;
}

/** Drops those that are not there any more, now and then. */
function forget({ caches }: Context, asked: Map<string, number>): void {
  const all = caches.leases.list();
  if (asked.size <= 2 * all.length + AT_ONCE) return;
  const known = new Set(all.map(lookOf));
  for (const look of asked.keys()) if (!known.has(look)) asked.delete(look);
}
