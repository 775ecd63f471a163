import type { AegisCluster } from '@aegis/crds';
import { labelsOf, metadataOf, namesOf } from '../../build/names.js';
import type { AppliedByMerge } from '../../config-source/index.js';
import type { Context } from '../../context.js';
import { applyOwned, deleteOwned, isOwned } from '../apply.js';
import type { SettingsSource } from './plan.js';

/** What was taken over last from a branch, with where it came from: the next look begins there. */
export interface Applied extends AppliedByMerge {
  readonly source: SettingsSource;
}

const FILE = 'applied.json';

/** Undefined: nothing yet. What cannot be read counts as nothing, too: only the newest change must then have been merged. */
export function appliedOf({ caches }: Pick<Context, 'caches'>, cluster: AegisCluster): Applied | undefined {
  const { name, namespace } = cluster.metadata;
  const map = caches.configMaps.get({ namespace, name: namesOf(name).applied });
  const text = map === undefined || !isOwned(cluster, map) ? undefined : map.data?.[FILE];
  if (text === undefined) return undefined;
  try {
    const applied = JSON.parse(text) as Partial<Applied>;
    const { commit, consensus, repository, branch, path, source } = applied;
    const whole = [commit, repository, branch, path].every((each) => typeof each === 'string');
    return whole && typeof consensus === 'object' && typeof source === 'object'
      ? (applied as Applied)
      : undefined;
  } catch {
    return undefined;
  }
}

export async function keepApplied(context: Context, cluster: AegisCluster, applied: Applied): Promise<void> {
  const { name } = cluster.metadata;
  await applyOwned(context, cluster, context.caches.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadataOf(cluster, namesOf(name).applied), labels: labelsOf(name) },
    data: { [FILE]: `${JSON.stringify(applied, null, 2)}\n` },
  });
}

/** A source that is taken out of a cluster and put in again begins anew. */
export function forgetApplied(context: Context, cluster: AegisCluster): Promise<void> {
  return deleteOwned(context, cluster, context.caches.configMaps, namesOf(cluster.metadata.name).applied);
}
