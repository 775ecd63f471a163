import { DNS_IMAGE } from '../images/small.js';
import { NETWORK } from '../machines/network.js';

const LABELS = { 'k8s-app': 'kube-dns' };
export const DNS_META = { name: 'coredns', namespace: 'kube-system' };
/** Beyond 1024, so that it needs no right of root's. */
const PORT = 1053;

const COREFILE = `.:${PORT} {
  errors
  health :8080
  ready :8181
  kubernetes cluster.local in-addr.arpa {
    pods insecure
    ttl 5
  }
  cache 5
  loadbalance
}
`;

/** The names of the cluster: CoreDNS in two pods. Names of the world outside are not answered. */
export const DNS = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: DNS_META },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:coredns' },
    rules: [
      {
        apiGroups: [''],
        resources: ['endpoints', 'services', 'pods', 'namespaces'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
    subjects: [{ kind: 'ServiceAccount', ...DNS_META }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: DNS_META, data: { Corefile: COREFILE } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: DNS_META,
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: DNS_META.name,
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: LABELS },
            },
          ],
          tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
          containers: [
            {
              name: 'coredns',
              image: DNS_IMAGE,
              imagePullPolicy: 'Never',
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [
                { name: 'dns', containerPort: PORT, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: PORT, protocol: 'TCP' },
              ],
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
              volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: DNS_META.name } }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...DNS_META, name: 'kube-dns', labels: { ...LABELS, 'kubernetes.io/name': 'CoreDNS' } },
    spec: {
      clusterIP: NETWORK.dns,
      selector: LABELS,
      ports: [
        { name: 'dns', port: 53, targetPort: PORT, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, targetPort: PORT, protocol: 'TCP' },
      ],
    },
  },
];
