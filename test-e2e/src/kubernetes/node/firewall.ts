import type { Identities } from '../control/identities.js';
import { NETWORK } from '../machines/network.js';
import type { Service } from '../machines/service.js';
import type { Programs } from '../programs/modules.js';
import type { Node } from './node.js';

const CHAINS_MS_MAX = 30_000;
/** The user that the firewalls of all nodes show themselves as. */
export const FIREWALL_USER = 'kube-router';

/** What it must see to know the policies and whom they name. */
export const FIREWALL_RIGHTS = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: FIREWALL_USER },
    rules: [
      {
        apiGroups: [''],
        resources: ['namespaces', 'pods', 'services', 'nodes', 'endpoints'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: FIREWALL_USER },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: FIREWALL_USER },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: FIREWALL_USER }],
  },
];

/** Enforces network policies, which a bridge alone ignores: kube-router with nothing but its firewall. */
export async function startFirewall(
  node: Node,
  programs: Programs,
  identities: Identities,
): Promise<Service> {
  const kubeconfig = await identities.kubeconfig(`kube-router-${node.name}`, { user: FIREWALL_USER });
  const service = await node.machine.start(
    'kube-router',
    [
      programs['kube-router'],
      '--run-firewall=true',
      '--run-router=false',
      '--run-service-proxy=false',
      '--run-loadbalancer=false',
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${node.name}`,
      `--service-cluster-ip-range=${NETWORK.services}`,
    ],
    node.log('kube-router'),
  );
  await service.until('has put its chains in place', CHAINS_MS_MAX, async () =>
    (await node.machine.run('iptables', '-S')).includes('-N KUBE-ROUTER-FORWARD') ? true : undefined,
  );
  return service;
}
