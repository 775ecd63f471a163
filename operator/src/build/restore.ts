import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { helperContainer, helperPod, REPORT_FILE } from './backup.js';
import { helperLabels, LABELS, labelsOf, metadataOf, namesOf } from './names.js';
import { FOLDERS, MEMBER_FOLDER } from './pod.js';
import { buildRecord, RECORD_FILE } from './record.js';

type FromBackup = NonNullable<NonNullable<AegisCluster['spec']['bootstrap']>['fromBackup']>;

/** Where the backup is mounted. */
const SOURCE = '/restore';
/** In the place of one that is not drawn yet. */
const NO_NONCE = '0'.repeat(32);
/** On a volume: the digest of the backup that it was made for. */
export const RESTORED_ANNOTATION = 'aegis.dev/restored-from';

/** The record of a cluster whose only first member is the one that is restored, but for its nonce. */
export function buildDraft(cluster: AegisCluster, clusterId: string): ObjectOf<typeof RESOURCES.configMaps> {
  const { data } = buildRecord(cluster, clusterId, [NO_NONCE]);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(cluster, namesOf(cluster.metadata.name).restore),
    data: data!,
  };
}

/** The volume of the first member, made before the StatefulSet, which takes it over by its name. */
export function buildFirstVolume(
  cluster: AegisCluster,
  clusterId: string,
  { digest }: FromBackup,
): ObjectOf<typeof RESOURCES.volumeClaims> {
  const { name, namespace } = cluster.metadata;
  const { size, className } = cluster.spec.storage;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: namesOf(name).volumeClaim(0),
      namespace: namespace!,
      // As those that the StatefulSet makes: it outlives the AegisCluster.
      labels: { ...labelsOf(name), [LABELS.clusterId]: clusterId },
      annotations: { [RESTORED_ANNOTATION]: digest },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(className === undefined ? {} : { storageClassName: className }),
    },
  };
}

/** Makes the first member's folder out of the backup, and tells its nonce. It can be run as often as one likes. */
export function buildRestoreJob(
  cluster: AegisCluster,
  { claimName, path }: FromBackup,
  memberImage: string,
): ObjectOf<typeof RESOURCES.jobs> {
  const { name } = cluster.metadata;
  const { restore, volumeClaim } = namesOf(name);
  const labels = helperLabels(name, 'restore');
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadataOf(cluster, restore), labels },
    spec: {
      backoffLimit: 2,
      ttlSecondsAfterFinished: 3_600,
      template: {
        metadata: { labels },
        spec: {
          ...helperPod(cluster),
          containers: [
            {
              ...helperContainer(cluster, memberImage, 'restore'),
              command: ['aegis-replica'],
              args: [
                'restore',
                ...['--data', MEMBER_FOLDER],
                ...['--bootstrap', `${FOLDERS.record}/${RECORD_FILE}`],
                ...['--backup', `${SOURCE}/${path}`],
                '--first-member',
                ...['--report', REPORT_FILE],
              ],
              volumeMounts: [
                { name: 'data', mountPath: FOLDERS.data },
                { name: 'backup', mountPath: SOURCE, readOnly: true },
                { name: 'draft', mountPath: FOLDERS.record, readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'data', persistentVolumeClaim: { claimName: volumeClaim(0) } },
            { name: 'backup', persistentVolumeClaim: { claimName, readOnly: true } },
            { name: 'draft', configMap: { name: restore } },
          ],
        },
      },
    },
  };
}
