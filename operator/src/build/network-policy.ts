import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { LABELS, metadataOf, namesOf, selectorOf } from './names.js';

/** Where the operator runs, as a NetworkPolicy can see it. */
export interface OperatorPods {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Who reaches the members: each other on the peer port; the operator, backups and who is listed on the client port; anybody on the metrics
 * port, which can only be read. Undefined: none is wanted.
 */
export function buildNetworkPolicy(
  cluster: AegisCluster,
  operator: OperatorPods,
): ObjectOf<typeof RESOURCES.networkPolicies> | undefined {
  const { name } = cluster.metadata;
  const { policy, clients } = cluster.spec.network;
  if (!policy) return undefined;
  const members = { podSelector: { matchLabels: selectorOf(name) } };
  const operators = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operator.namespace } },
    podSelector: { matchLabels: operator.labels },
  };
  const backups = { 'app.kubernetes.io/name': 'aegis-backup', [LABELS.cluster]: name };
  const savers = cluster.spec.backup === undefined ? [] : [{ podSelector: { matchLabels: backups } }];
  const callers = clients.map(({ namespaceLabels, podLabels }) => ({
    // Without a selector of namespaces it is the policy's own.
    ...(namespaceLabels === undefined ? {} : { namespaceSelector: { matchLabels: namespaceLabels } }),
    podSelector: { matchLabels: podLabels ?? {} },
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(cluster, namesOf(name).networkPolicy),
    spec: {
      podSelector: { matchLabels: selectorOf(name) },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [members], ports: [port('peer')] },
        { from: [operators, ...savers, ...callers], ports: [port('client')] },
        { ports: [port('metrics')] },
      ],
    },
  };
}

function port(name: string) {
  return { port: name, protocol: 'TCP' };
}
