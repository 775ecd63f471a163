import type { AegisCluster, OwnerReference } from '@aegis/crds';

/** The ports of every member. */
export const PORTS = { client: 4410, peer: 4411, metrics: 4412 } as const;

/** What the objects of a cluster are called. No two clusters of a namespace share a name: each ends in a word of its own. */
export function namesOf(cluster: string) {
  return {
    statefulSet: cluster,
    serviceAccount: `${cluster}-member`,
    /** Headless: a name for each pod, ready or not. */
    peerService: `${cluster}-peers`,
    clientService: `${cluster}-client`,
    clientSecret: `${cluster}-client`,
    memberSecret: `${cluster}-member`,
    authoritySecret: `${cluster}-authority`,
    record: `${cluster}-bootstrap`,
    /** Settings that were taken over by merge, and where they came from. */
    applied: `${cluster}-applied`,
    disruptionBudget: `${cluster}-members`,
    networkPolicy: `${cluster}-members`,
    serviceMonitor: `${cluster}-members`,
    /** The CronJob, and the Secret that it works with. */
    backup: `${cluster}-backup`,
    /** The Job that makes the first member out of a backup, and the draft of its record. */
    restore: `${cluster}-restore`,
    /** By what is in it, so that a pod keeps the settings that it was made for. */
    settings: (digest: string) => `${cluster}-settings-${digest}`,
    pod: (ordinal: number) => `${cluster}-${ordinal}`,
    volumeClaim: (ordinal: number) => `data-${cluster}-${ordinal}`,
  };
}

/** Where a member is reached; the search list of the pods' DNS completes it. */
export function hostOf(cluster: string, namespace: string, ordinal: number): string {
  const { pod, peerService } = namesOf(cluster);
  return `${pod(ordinal)}.${peerService}.${namespace}.svc`;
}

export const LABELS = { cluster: 'aegis.dev/cluster', clusterId: 'aegis.dev/cluster-id' } as const;

/** What the objects of a cluster are found by. */
export function selectorOf(cluster: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'aegis', [LABELS.cluster]: cluster };
}

export function labelsOf(cluster: string): Record<string, string> {
  return {
    ...selectorOf(cluster),
    'app.kubernetes.io/instance': cluster,
    'app.kubernetes.io/managed-by': 'aegis-operator',
  };
}

/** The metadata of an object that belongs to a cluster and goes with it. */
export function metadataOf(cluster: AegisCluster, name: string) {
  return {
    name,
    namespace: cluster.metadata.namespace!,
    labels: labelsOf(cluster.metadata.name),
    ownerReferences: [ownerOf(cluster)],
  };
}

function ownerOf({ apiVersion, kind, metadata }: AegisCluster): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true };
}

/** Pods that work for a cluster and are none of its members. */
export type Helper = 'backup' | 'restore';

/** They are not among what a cluster's Services and budgets select. */
export function helperLabels(cluster: string, helper: Helper): Record<string, string> {
  return { ...labelsOf(cluster), 'app.kubernetes.io/name': `aegis-${helper}` };
}

export function isHelper(labels: Readonly<Record<string, string>> | undefined, helper: Helper): boolean {
  return labels?.['app.kubernetes.io/name'] === `aegis-${helper}`;
}
