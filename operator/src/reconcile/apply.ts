import type { AegisCluster } from '@aegis/crds';
import { createHash } from 'node:crypto';
import type { Cache } from '../cache/cache.js';
import type { Context } from '../context.js';
import type { KubeObject } from '../kube/object.js';
import { holds } from './holds.js';
import { Trouble } from './trouble.js';

/** What was applied last, as a digest: so that what is not wanted any more is noticed too. */
export const APPLIED_ANNOTATION = 'aegis.dev/applied';

/**
 * Makes an object of a cluster what it is to be, by server-side apply, and asks the API server only when it is not. An object of that
 * name that is not this cluster's is left alone. Throws Trouble (NameTaken).
 * @returns the object, as it was or as it is now
 */
export async function applyOwned<T extends KubeObject>(
  { client, signal }: Pick<Context, 'client' | 'signal'>,
  cluster: AegisCluster,
  cache: Cache<T>,
  wanted: T,
): Promise<T> {
  const digest = digestOf(wanted);
  const { metadata } = wanted;
  const marked = {
    ...wanted,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [APPLIED_ANNOTATION]: digest } },
  };
  const cached = cache.get(metadata);
  // What the cache does not hold may be somebody else's, without our labels.
  const live = cached ?? (await client.get(cache.type, metadata, signal));
  if (live !== undefined) {
    refuseForeign(cluster, live);
    if (live.metadata.annotations?.[APPLIED_ANNOTATION] === digest && holds(live, marked)) return live;
  }
  return client.apply(cache.type, marked, { signal });
}

/** Deletes an object of a cluster that is not wanted any more. What is not this cluster's stays. */
export async function deleteOwned<T extends KubeObject>(
  { client, signal }: Pick<Context, 'client' | 'signal'>,
  cluster: AegisCluster,
  cache: Cache<T>,
  name: string,
): Promise<void> {
  const ref = { namespace: cluster.metadata.namespace, name };
  const live = cache.get(ref);
  if (live === undefined || !isOwned(cluster, live)) return;
  await client.delete(cache.type, ref, { uid: live.metadata.uid! }, signal);
}

export function isOwned({ metadata }: AegisCluster, live: KubeObject): boolean {
  return live.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
}

/** Throws unless the object belongs to this very cluster, and not to one of its name that was deleted. */
export function refuseForeign(cluster: AegisCluster, live: KubeObject): void {
  if (isOwned(cluster, live)) return;
  const { kind, metadata } = live;
  const former = metadata.ownerReferences?.some((owner) => owner.kind === cluster.kind) === true;
  const message = former
    ? `the ${kind} ${metadata.name} is of a deleted AegisCluster of this name: Kubernetes is about to collect it`
    : `there is a ${kind} ${metadata.name} already, and it is not of this cluster: delete it, or give the cluster another name`;
  throw new Trouble('NameTaken', message);
}

function digestOf(object: KubeObject): string {
  return createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
}
