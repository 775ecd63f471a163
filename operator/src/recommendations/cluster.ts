import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import type { Context } from '../context.js';

/** The cluster that a recommendation is about; undefined: it is not there, or goes. */
export function clusterAbout(
  { caches }: Pick<Context, 'caches'>,
  { metadata, spec }: TuningRecommendation,
): AegisCluster | undefined {
  const cluster = caches.clusters.get({ namespace: metadata.namespace, name: spec.clusterRef.name });
  return cluster?.metadata.deletionTimestamp === undefined ? cluster : undefined;
}
