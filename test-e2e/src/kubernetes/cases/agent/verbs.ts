import type { Asked } from '../../../without-hands/in-pod.js';
import { OPERATOR } from '../release/operator.js';

const SERVER = 'https://kubernetes.default.svc';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const RIGHTS = '/apis/rbac.authorization.k8s.io/v1';
const POLICIES = '/apis/admissionregistration.k8s.io/v1';

/**
 * What changes something in Kubernetes, or leads to whoever can, as the agent would ask for it: about a cluster of one member, and the operator.
 * All of it has to be refused for want of a right, and not because it makes no sense.
 */
export function verbsOn(namespace: string, cluster: string): readonly Asked[] {
  const pod = `/api/v1/namespaces/${namespace}/pods/${cluster}-0`;
  const service = `/api/v1/namespaces/${namespace}/services/${cluster}-client:4410`;
  const set = `/apis/apps/v1/namespaces/${namespace}/statefulsets/${cluster}`;
  const own = `/apis/aegis.dev/v1alpha1/namespaces/${namespace}`;
  const operator = `/apis/apps/v1/namespaces/${OPERATOR.namespace}/deployments/${OPERATOR.name}`;
  const system = `/api/v1/namespaces/${OPERATOR.namespace}`;
  const patch = { metadata: { labels: { by: 'the-agent' } } };
  const named = (kind: string, apiVersion: string) => ({ apiVersion, kind, metadata: { name: 'by-hand' } });
  const requests: readonly (readonly [method: string, path: string, body?: object])[] = [
    ['DELETE', pod],
    ['PATCH', pod, patch],
    ['POST', `${pod}/eviction`, { ...named('Eviction', 'policy/v1'), metadata: { name: `${cluster}-0` } }],
    ['POST', `${pod}/exec?command=node&stdout=true`],
    ['GET', `${pod}/exec?command=node&stdout=true`],
    ['POST', `${pod}/attach?stdin=true`],
    ['POST', `${pod}/portforward?ports=4410`],
    ['GET', `${pod}/log`],
    ['PATCH', `${pod}/ephemeralcontainers`, patch],
    ['POST', `${pod}:4410/proxy/`],
    ['GET', `${pod}:4412/proxy/metrics`],
    ['POST', `${service}/proxy/`],
    ['POST', `/api/v1/namespaces/${namespace}/pods`, named('Pod', 'v1')],
    ['DELETE', `/api/v1/namespaces/${namespace}/pods`],
    ['GET', `/api/v1/namespaces/${namespace}/secrets`],
    ['GET', `${system}/secrets`],
    ['POST', `/api/v1/namespaces/${namespace}/secrets`, named('Secret', 'v1')],
    ['DELETE', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-${cluster}-0`],
    ['PATCH', `/api/v1/namespaces/${namespace}/services/${cluster}-client`, patch],
    ['PATCH', set, patch],
    ['PATCH', `${set}/scale`, { spec: { replicas: 0 } }],
    ['DELETE', set],
    ['PATCH', `${own}/aegisclusters/${cluster}`, { spec: { replicas: 3 } }],
    ['PATCH', `${own}/aegisclusters/${cluster}/status`, patch],
    ['DELETE', `${own}/aegisclusters/${cluster}`],
    ['POST', `${own}/aegisclusters`, named('AegisCluster', 'aegis.dev/v1alpha1')],
    ['POST', `${own}/aegisleases`, named('AegisLease', 'aegis.dev/v1alpha1')],
    ['DELETE', `${own}/incidents`],
    ['DELETE', `${own}/tuningrecommendations`],
    ['PATCH', `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${cluster}`, patch],
    ['DELETE', `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${cluster}`],
    ['POST', `/apis/batch/v1/namespaces/${namespace}/jobs`, named('Job', 'batch/v1')],
    ['PATCH', operator, patch],
    ['PATCH', `${operator}/scale`, { spec: { replicas: 0 } }],
    ['DELETE', operator],
    ['PATCH', `${system}/configmaps/${OPERATOR.agent}`, patch],
    ['POST', `${system}/serviceaccounts/${OPERATOR.name}/token`, named('TokenRequest', 'v1')],
    ['GET', `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR.namespace}/leases/${OPERATOR.name}`],
    ['PATCH', `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR.namespace}/leases/${OPERATOR.name}`, patch],
    ['POST', `${RIGHTS}/clusterrolebindings`, named('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1')],
    ['PATCH', `${RIGHTS}/clusterroles/${OPERATOR.name}`, patch],
    ['DELETE', `${CRDS}/aegisclusters.aegis.dev`],
    ['DELETE', `${POLICIES}/validatingadmissionpolicies`],
    ['DELETE', `/api/v1/namespaces/${namespace}`],
    ['PATCH', '/api/v1/nodes/node-1', patch],
    ['GET', '/api/v1/nodes/node-1/proxy/pods'],
  ];
  const asked = requests.map(([method, path, body]) => request(method, path, body));
  const pretending = request('PATCH', `${own}/aegisclusters/${cluster}`, { spec: { replicas: 3 } });
  return [
    ...asked,
    ...['system:admin', `system:serviceaccount:${OPERATOR.namespace}:${OPERATOR.name}`].map((user) => ({
      ...pretending,
      what: `${pretending.what} as ${user}`,
      headers: { ...pretending.headers, 'impersonate-user': user },
    })),
  ];
}

function request(method: string, path: string, body?: object): Asked {
  return {
    what: `${method} ${path}`,
    url: `${SERVER}${path}`,
    method,
    ...(method === 'PATCH' ? { headers: { 'content-type': 'application/merge-patch+json' } } : {}),
    ...(body === undefined ? {} : { body }),
    tokenFile: `${ACCOUNT}/token`,
    caFile: `${ACCOUNT}/ca.crt`,
    refusedBy: [403],
  };
}
