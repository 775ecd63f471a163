import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { hostOf, metadataOf, namesOf, PORTS } from './names.js';

/** The file in the ConfigMap. */
export const RECORD_FILE = 'bootstrap.json';

/**
 * The record of the first members: made once, from the synced nonces of all of their empty volumes, and immutable from then on.
 * @param nonces by ordinal
 */
export function buildRecord(
  cluster: AegisCluster,
  clusterId: string,
  nonces: readonly string[],
): ObjectOf<typeof RESOURCES.configMaps> {
  const { name, namespace } = cluster.metadata;
  const members = nonces.map((nonce, ordinal) => ({
    id: ordinal + 1,
    nonce,
    ...addressesOf(name, namespace!, ordinal),
  }));
  const backup = cluster.spec.bootstrap?.fromBackup?.digest;
  const record = { clusterId, members, ...(backup === undefined ? {} : { backup }) };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(cluster, namesOf(name).record),
    immutable: true,
    data: { [RECORD_FILE]: `${JSON.stringify(record, null, 2)}\n` },
  };
}

/** What a member is called and where it is reached, as the cluster's membership has it. */
export function addressesOf(cluster: string, namespace: string, ordinal: number) {
  const host = hostOf(cluster, namespace, ordinal);
  return {
    name: namesOf(cluster).pod(ordinal),
    peerAddress: `${host}:${PORTS.peer}`,
    clientAddress: `${host}:${PORTS.client}`,
    metricsAddress: `${host}:${PORTS.metrics}`,
  };
}
