import type { AegisCluster } from '@aegis/crds';
import { LABELS, namesOf } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import type { Context } from '../context.js';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import type { PodSeen } from '../observe/look.js';
import { isOwned, refuseForeign } from './apply.js';

type ConfigMap = ObjectOf<typeof RESOURCES.configMaps>;

/** On a pod: its change makes the kubelet fill in the record at once, which otherwise can take more than a minute. */
const RECORD_ANNOTATION = 'aegis.dev/record';
/** On a volume: the record itself, so that it outlives the AegisCluster together with the data that it belongs to. */
const COPY_ANNOTATION = 'aegis.dev/bootstrap-record';

/** The record of the first members. Throws Trouble while there is one of an AegisCluster that was deleted. */
export function recordOf({ caches }: Pick<Context, 'caches'>, cluster: AegisCluster): ConfigMap | undefined {
  const { name, namespace } = cluster.metadata;
  const record = caches.configMaps.get({ namespace, name: namesOf(name).record });
  if (record === undefined) return undefined;
  refuseForeign(cluster, record);
  return record;
}

export function textOf(record: ConfigMap): string {
  return record.data?.[RECORD_FILE] ?? '';
}

/** How many first members a record lists. */
export function listedIn(record: ConfigMap): number {
  const { members } = JSON.parse(textOf(record)) as { readonly members: readonly unknown[] };
  return members.length;
}

/** The copy that the volumes of this cluster carry, if they do. */
export function copyOf(
  { caches }: Pick<Context, 'caches'>,
  { metadata }: AegisCluster,
  clusterId: string,
): string | undefined {
  return caches.volumeClaims
    .ofCluster(metadata)
    .filter((claim) => claim.metadata.labels?.[LABELS.clusterId] === clusterId)
    .map((claim) => claim.metadata.annotations?.[COPY_ANNOTATION])
    .find((copy) => copy !== undefined && clusterOf(copy) === clusterId);
}

/** Sees to it that the pods which wait for the record are given it now, and that each volume carries a copy. */
export async function spreadRecord(
  { client, caches, signal }: Context,
  cluster: AegisCluster,
  pods: readonly PodSeen[],
  clusterId: string,
  record = recordOf({ caches }, cluster),
): Promise<void> {
  if (record === undefined || !isOwned(cluster, record)) return;
  const version = record.metadata.resourceVersion!;
  const waiting = pods.filter(
    ({ said, status, pod }) =>
      // A member without the record waits for it, and serves nothing else.
      (said?.state === 'empty' || (said?.state === 'member' && status === undefined)) &&
      pod.metadata.deletionTimestamp === undefined &&
      pod.metadata.annotations?.[RECORD_ANNOTATION] !== version,
  );
  const change = { metadata: { annotations: { [RECORD_ANNOTATION]: version } } };
  for (const { pod } of waiting) await client.merge(caches.pods.type, pod.metadata, change, signal);
  const text = textOf(record);
  const bare = caches.volumeClaims
    .ofCluster(cluster.metadata)
    .filter(
      ({ metadata }) =>
        metadata.labels?.[LABELS.clusterId] === clusterId &&
        metadata.deletionTimestamp === undefined &&
        metadata.annotations?.[COPY_ANNOTATION] !== text,
    );
  const copy = { metadata: { annotations: { [COPY_ANNOTATION]: text } } };
  for (const { metadata } of bare) await client.merge(caches.volumeClaims.type, metadata, copy, signal);
}

function clusterOf(record: string): string | undefined {
  try {
    return (JSON.parse(record) as { clusterId?: string }).clusterId;
  } catch {
    return undefined;
  }
}
