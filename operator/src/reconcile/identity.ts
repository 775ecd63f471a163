import type { AegisCluster } from '@aegis/crds';
import { randomUUID } from 'node:crypto';
import { LABELS, namesOf } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import type { Context } from '../context.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import { ordinalOf } from '../observe/look.js';
import { isOwned } from './apply.js';
import { Trouble } from './trouble.js';

type Claim = ObjectOf<typeof RESOURCES.volumeClaims>;

/**
 * The id of a cluster: drawn once, and from then on in its status, its volumes and its data. Wherever it stands it counts, so that
 * a lost status begins nothing anew. Volumes of an earlier cluster of this name are taken over only when that is asked for:
 * otherwise throws Trouble (VolumesExist).
 */
export async function clusterIdOf(context: Context, cluster: AegisCluster): Promise<string> {
  const { caches } = context;
  const { name, namespace } = cluster.metadata;
  const set = caches.statefulSets.get({ namespace, name: namesOf(name).statefulSet });
  if (set !== undefined && isOwned(cluster, set)) {
    const id = set.spec?.volumeClaimTemplates?.[0]?.metadata?.labels?.[LABELS.clusterId];
    if (id !== undefined) return id;
  }
  const known = recordedId(context, cluster) ?? cluster.status?.clusterId;
  // Without a StatefulSet one is about to be made, which takes whatever volumes it finds under its names.
  const claims = await claimsOf(context, cluster);
  if (known !== undefined) {
    const foreign = claims.filter((claim) => idOf(claim) !== known);
    if (foreign.length > 0) throw volumesExist(foreign, `this cluster has the id ${known}`);
    return known;
  }
  if (claims.length === 0) {
    // What was drawn a moment ago may not have been heard of yet.
    const now = await context.client.get(RESOURCES.clusters, cluster.metadata, context.signal);
    return now?.status?.clusterId ?? randomUUID();
  }
  const ids = new Set(claims.map(idOf));
  const [id] = ids;
  if (ids.size > 1 || id === undefined)
    throw volumesExist(claims, 'they are not all of one cluster, so that they cannot be taken over');
  if (!cluster.spec.adoptVolumes)
    throw volumesExist(claims, 'set spec.adoptVolumes to go on with their data, or delete them');
  return id;
}

/** As the record of the first members has it. */
function recordedId({ caches }: Context, cluster: AegisCluster): string | undefined {
  const { name, namespace } = cluster.metadata;
  const record = caches.configMaps.get({ namespace, name: namesOf(name).record });
  if (record === undefined || !isOwned(cluster, record)) return undefined;
  return (JSON.parse(record.data?.[RECORD_FILE] ?? '{}') as { clusterId?: string }).clusterId;
}

/** All claims under the names that the StatefulSet gives, whoever made them. */
async function claimsOf({ client, signal }: Context, { metadata }: AegisCluster): Promise<Claim[]> {
  const found: Claim[] = [];
  let more: string | undefined;
  do {
    const { namespace } = metadata;
    const page = await client.list(RESOURCES.volumeClaims, { namespace, continue: more }, signal);
    const { volumeClaim } = namesOf(metadata.name);
    found.push(...page.items.filter((claim) => ordinalOf(volumeClaim, claim.metadata.name) !== undefined));
    more = page.continue;
  } while (more !== undefined);
  return found;
}

function idOf({ metadata }: Claim): string | undefined {
  return metadata.labels?.[LABELS.clusterId];
}

function volumesExist(claims: readonly Claim[], what: string): Trouble {
  const names = claims.map((claim) => `${claim.metadata.name} (${idOf(claim) ?? 'no id'})`).join(', ');
  return new Trouble(
    'VolumesExist',
    `there are volumes of an earlier cluster of this name; ${what}: ${names}`,
    'VolumesExist',
  );
}
