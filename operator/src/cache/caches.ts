import { isVerification } from '../build/verification.js';
import type { KubeClient } from '../kube/client.js';
import { keyOf, type KubeObject } from '../kube/object.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import { Cache, clustersOf } from './cache.js';
import type { ReflectorOptions } from './reflector.js';
import type { Change } from './store.js';

/** Of the rest of a Kubernetes cluster the operator keeps nothing in memory. */
const OURS = 'app.kubernetes.io/managed-by=aegis-operator';

/** Kinds of which all objects are kept, and those of which only ours are. */
const ALL = ['clusters', 'leases', 'recommendations'] as const;
const LABELLED = [
  'statefulSets',
  'pods',
  'volumeClaims',
  'configMaps',
  'secrets',
  'services',
  'serviceAccounts',
  'disruptionBudgets',
  'networkPolicies',
  'jobs',
  'cronJobs',
] as const;

type Kept = (typeof ALL)[number] | (typeof LABELLED)[number];

/** What the API server has, as it was last heard of. Nothing in it is the last word before something is destroyed. */
export type Caches = { readonly [K in Kept]: Cache<ObjectOf<(typeof RESOURCES)[K]>> };

/** @param namespaces undefined: all of them */
export function makeCaches(namespaces: readonly string[] | undefined): Caches {
  const all = ALL.map((name) => [name, new Cache(RESOURCES[name] as never, { namespaces })]);
  const ours = LABELLED.map((name) => [
    name,
    new Cache(RESOURCES[name] as never, { namespaces, labelSelector: OURS }),
  ]);
  return Object.fromEntries([...all, ...ours]) as Caches;
}

export async function runCaches(
  caches: Caches,
  client: KubeClient,
  onProblem: NonNullable<ReflectorOptions['onProblem']>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(every(caches).map((cache) => cache.run(client, onProblem, signal)));
}

export async function untilSynced(caches: Caches): Promise<void> {
  await Promise.all(every(caches).map(({ synced }) => synced));
}

/** Calls with the key of a cluster, `namespace/name`, whenever something of it has changed that the operator did not just write itself. */
export function onClusterChange(caches: Caches, tell: (key: string) => void): void {
  const { clusters, leases, recommendations: _, ...owned } = caches;
  clusters.onChange((change) => {
    if (!onlyStatus(change)) tell(keyOf(change.object.metadata));
  });
  leases.onChange((change) => {
    if (onlyStatus(change)) return;
    const { metadata, spec } = change.object;
    tell(keyOf({ namespace: metadata.namespace, name: spec.clusterRef.name }));
  });
  for (const cache of Object.values(owned) as Cache<ObjectOf<(typeof RESOURCES)['pods']>>[])
    cache.onChange(({ object }) => clustersOf(object).forEach(tell));
}

/** Calls whenever there may be something to do about recommendations. */
export function onRecommendationChange({ recommendations, jobs, pods }: Caches, tell: () => void): void {
  recommendations.onChange(tell);
  for (const cache of [jobs, pods] as Cache<KubeObject>[])
    cache.onChange(({ object }) => {
      if (isVerification(object.metadata.labels)) tell();
    });
}

/** A change of what the operator writes itself. */
function onlyStatus(change: Change<ObjectOf<(typeof RESOURCES)['clusters' | 'leases']>>): boolean {
  if (change.type !== 'changed') return false;
  const { generation, deletionTimestamp, annotations } = change.object.metadata;
  const before = change.before.metadata;
  return (
    generation === before.generation &&
    deletionTimestamp === before.deletionTimestamp &&
    JSON.stringify(annotations) === JSON.stringify(before.annotations)
  );
}

function every(caches: Caches): Cache<ObjectOf<(typeof RESOURCES)['pods']>>[] {
  return Object.values(caches) as Cache<ObjectOf<(typeof RESOURCES)['pods']>>[];
}
