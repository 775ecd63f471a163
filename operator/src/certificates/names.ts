import type { AegisCluster } from '@aegis/crds';
import { hostOf, namesOf } from '../build/names.js';

/** What a member's certificate says, beside the names under which clients reach the cluster from elsewhere. */
export interface ServedNames {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * The names of every member that a cluster may ever have: one certificate for all, so that scaling needs no new one.
 * @param clusterDomain as `cluster.local`
 */
export function servedNames(cluster: AegisCluster, clusterDomain: string): ServedNames {
  const { name, namespace } = cluster.metadata;
  const { peerService, clientService } = namesOf(name);
  const inCluster = [`*.${peerService}.${namespace}.svc`, `${clientService}.${namespace}.svc`];
  return {
    dnsNames: [
      ...inCluster,
      ...inCluster.map((each) => `${each}.${clusterDomain}`),
      clientService,
      `${clientService}.${namespace}`,
      'localhost',
      ...(cluster.spec.tls.clientNames ?? []),
    ],
    addresses: ['127.0.0.1', '::1'],
  };
}

/** Names under which members are in fact called: a certificate that misses one is of no use. */
export function demandedHosts(cluster: AegisCluster): string[] {
  const { name, namespace } = cluster.metadata;
  const { clientService } = namesOf(name);
  const asked = (cluster.spec.tls.clientNames ?? []).map((each) => each.replace(/^\*\./, 'any.'));
  return [hostOf(name, namespace!, 0), `${clientService}.${namespace}.svc`, ...asked];
}
