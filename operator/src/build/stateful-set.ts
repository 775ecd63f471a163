import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { LABELS, labelsOf, metadataOf, namesOf, selectorOf } from './names.js';
import { buildPodTemplate, type PodParts } from './pod.js';

export interface StatefulSetParts extends PodParts {
  /** How many pods it keeps now, which is not always what is wanted in the end. */
  readonly replicas: number;
  readonly clusterId: string;
  /** What a new volume has; a set that is there cannot change it. Undefined: what the spec says. */
  readonly volumeSize?: string | undefined;
}

/**
 * The pods and volumes of a cluster. Pods begin in parallel, because no quorum could ever form one by one; and they are replaced
 * only when they are deleted, because the operator decides on the order. Volumes outlive everything but a removed member.
 */
export function buildStatefulSet(
  cluster: AegisCluster,
  parts: StatefulSetParts,
): ObjectOf<typeof RESOURCES.statefulSets> {
  const { name } = cluster.metadata;
  const { size, className } = cluster.spec.storage;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadataOf(cluster, namesOf(name).statefulSet),
    spec: {
      replicas: parts.replicas,
      serviceName: namesOf(name).peerService,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorOf(name) },
      template: buildPodTemplate(cluster, parts),
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: { ...labelsOf(name), [LABELS.clusterId]: parts.clusterId } },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: parts.volumeSize ?? size } },
            ...(className === undefined ? {} : { storageClassName: className }),
          },
        },
      ],
    },
  };
}
