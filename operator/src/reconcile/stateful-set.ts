import type { AegisCluster } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import { namesOf } from '../build/names.js';
import { templateDigest, type PodParts } from '../build/pod.js';
import { memberDigest } from '../build/settings.js';
import { buildStatefulSet } from '../build/stateful-set.js';
import type { Context } from '../context.js';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { ordinalOf } from '../observe/look.js';
import { applyOwned, isOwned } from './apply.js';
import { amountOf } from './holds.js';

export type StatefulSet = ObjectOf<typeof RESOURCES.statefulSets>;

/** What the pods of a cluster are to be made of now. */
export function podPartsOf(
  { memberImage }: Pick<Context, 'memberImage'>,
  { metadata, spec }: AegisCluster,
  settings: ConsensusSettings,
): PodParts {
  return {
    memberImage,
    settingsName: namesOf(metadata.name).settings(memberDigest(spec.profile, settings)),
  };
}

export function templateOf(cluster: AegisCluster, parts: PodParts): string {
  return templateDigest(cluster, parts);
}

/** The one of this very cluster; one that is going away counts as none. */
export function statefulSetOf(
  { caches }: Pick<Context, 'caches'>,
  cluster: AegisCluster,
): StatefulSet | undefined {
  const { name, namespace } = cluster.metadata;
  const set = caches.statefulSets.get({ namespace, name: namesOf(name).statefulSet });
  return set !== undefined && isOwned(cluster, set) && set.metadata.deletionTimestamp === undefined
    ? set
    : undefined;
}

/** Whether one of its name is being deleted. */
export function isEnding({ caches }: Pick<Context, 'caches'>, { metadata }: AegisCluster): boolean {
  const ref = { namespace: metadata.namespace, name: namesOf(metadata.name).statefulSet };
  return caches.statefulSets.get(ref)?.metadata.deletionTimestamp !== undefined;
}

/** Makes it, or what is in it, as it is wanted. @param replicas undefined: as many pods as it keeps already */
export async function applyStatefulSet(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
  parts: PodParts,
  replicas?: number,
): Promise<StatefulSet> {
  const live = statefulSetOf(context, cluster);
  const kept = live?.spec?.replicas ?? 0;
  const wanted = buildStatefulSet(cluster, {
    ...parts,
    clusterId,
    // One that is made again never has fewer pods than members may live in.
    replicas: live === undefined ? Math.max(replicas ?? 0, placesOf(context, cluster)) : (replicas ?? kept),
    volumeSize: live === undefined ? undefined : volumeSizeOf(live),
  });
  return applyOwned(context, cluster, context.caches.statefulSets, wanted);
}

/** What a new volume of this set has. */
export function volumeSizeOf({ spec }: StatefulSet): string | undefined {
  return spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.['storage'];
}

/** Whether its new volumes would be smaller than the spec says, which only another set can mend. */
export function isTooSmall(set: StatefulSet, { spec }: AegisCluster): boolean {
  const size = volumeSizeOf(set);
  return size !== undefined && (amountOf(size) ?? 0) < (amountOf(spec.storage.size) ?? 0);
}

/** How many places there are with a pod or a volume in them, or beneath one. */
function placesOf({ caches }: Pick<Context, 'caches'>, { metadata }: AegisCluster): number {
  const { pod, volumeClaim } = namesOf(metadata.name);
  const ordinals = [
    ...caches.pods.ofCluster(metadata).map((each) => ordinalOf(pod, each.metadata.name)),
    ...caches.volumeClaims.ofCluster(metadata).map((each) => ordinalOf(volumeClaim, each.metadata.name)),
  ];
  return Math.max(0, ...ordinals.map((ordinal) => (ordinal ?? -1) + 1));
}
