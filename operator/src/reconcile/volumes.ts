import type { AegisCluster } from '@aegis/crds';
import { LABELS } from '../build/names.js';
import { ApiError } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import type { Context } from '../context.js';
import { amountOf } from './holds.js';
import { isTooSmall, statefulSetOf } from './stateful-set.js';
import { Trouble } from './trouble.js';

/**
 * Volumes grow to what the spec says: first those that are there, then the StatefulSet, whose template no change may touch. It is
 * deleted without its pods, which the next one takes over. Throws Trouble where the storage class cannot grow volumes.
 * @returns what was done, for people; undefined: nothing
 */
export async function growVolumes(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
): Promise<string | undefined> {
  const { caches, client, signal } = context;
  const { size } = cluster.spec.storage;
  const small = caches.volumeClaims
    .ofCluster(cluster.metadata)
    .filter(
      ({ metadata, spec }) =>
        metadata.labels?.[LABELS.clusterId] === clusterId &&
        metadata.deletionTimestamp === undefined &&
        (amountOf(spec?.resources?.requests?.['storage']) ?? Infinity) < (amountOf(size) ?? 0),
    );
  const change = { spec: { resources: { requests: { storage: size } } } };
  for (const { metadata } of small) {
    try {
      await client.merge(RESOURCES.volumeClaims, metadata, change, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 422)) throw error;
      const message = `the volume ${metadata.name} cannot grow to ${size}: ${error.message}. Use a storage class with allowVolumeExpansion`;
      throw new Trouble('VolumeCannotGrow', message);
    }
  }
  const set = statefulSetOf(context, cluster);
  if (set === undefined || !isTooSmall(set, cluster))
    return small.length === 0 ? undefined : `${small.length} volumes grow to ${size}`;
  const options = { uid: set.metadata.uid!, propagationPolicy: 'Orphan' } as const;
  await client.delete(RESOURCES.statefulSets, set.metadata, options, signal);
  return `the volumes grow to ${size}; the StatefulSet is made anew around its pods`;
}
