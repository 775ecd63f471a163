import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { metadataOf, namesOf, PORTS, selectorOf } from './names.js';

type Service = ObjectOf<typeof RESOURCES.services>;

/** Names for the pods. Members must find each other before any of them is ready. */
export function buildPeerService(cluster: AegisCluster): Service {
  const { name } = cluster.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(cluster, namesOf(name).peerService),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selectorOf(name),
      ports: [port('peer'), port('client'), port('metrics')],
    },
  };
}

/** Where applications begin: any ready member. */
export function buildClientService(cluster: AegisCluster): Service {
  const { name } = cluster.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(cluster, namesOf(name).clientService),
    spec: { type: 'ClusterIP', selector: selectorOf(name), ports: [port('client')] },
  };
}

function port(name: keyof typeof PORTS) {
  return { name, port: PORTS[name], targetPort: name, protocol: 'TCP' };
}
