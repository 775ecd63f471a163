import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import type { VerifiedSettings } from '../config-source/index.js';
import type { Context } from '../context.js';

/** Of settings that a verification found better, for this cluster as it is: what a merged request is held against. */
export function verifiedFor({ caches }: Pick<Context, 'caches'>, cluster: AegisCluster): VerifiedSettings[] {
  const { metadata, spec } = cluster;
  return caches.recommendations.list().flatMap((each): VerifiedSettings[] => {
    const { clusterRef, replicas, base, patch } = each.spec;
    if (each.metadata.namespace !== metadata.namespace || clusterRef.name !== metadata.name) return [];
    // With other members it would have been another verification.
    if (replicas !== spec.replicas || each.status?.verification?.result !== 'Improves') return [];
    const pullRequest = each.status.pullRequest?.number;
    if (pullRequest === undefined) return [];
    return [{ pullRequest, settings: resolveSettings(spec.profile, { ...base, ...patch }) }];
  });
}
