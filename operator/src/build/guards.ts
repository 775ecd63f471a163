import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, Relabeling, RESOURCES } from '../kube/resource.js';
import { labelsOf, metadataOf, namesOf, selectorOf } from './names.js';

/** One member at a time leaves of its own accord, whatever the size; one that is broken anyway may always go. */
export function buildDisruptionBudget(cluster: AegisCluster): ObjectOf<typeof RESOURCES.disruptionBudgets> {
  const { name } = cluster.metadata;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(cluster, namesOf(name).disruptionBudget),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorOf(name) },
    },
  };
}

/** Members need nothing of the Kubernetes API. */
export function buildServiceAccount(cluster: AegisCluster): ObjectOf<typeof RESOURCES.serviceAccounts> {
  const { name } = cluster.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(cluster, namesOf(name).serviceAccount),
    automountServiceAccountToken: false,
  };
}

/** Undefined: none is asked for. Whether its kind is installed is the caller's to know. */
export function buildServiceMonitor(
  cluster: AegisCluster,
): ObjectOf<typeof RESOURCES.serviceMonitors> | undefined {
  const { name } = cluster.metadata;
  const { enabled, labels, interval } = cluster.spec.monitoring.serviceMonitor;
  if (!enabled) return undefined;
  const metadata = metadataOf(cluster, namesOf(name).serviceMonitor);
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { ...metadata, labels: { ...labels, ...metadata.labels } },
    // The client Service has no such port, so that each member is scraped once.
    spec: {
      selector: { matchLabels: labelsOf(name) },
      endpoints: [{ port: 'metrics', interval, relabelings: targetLabels(name) }],
    },
  };
}

/** What dashboards and alerts tell series by, as outside Kubernetes: the job, the cluster, and the member as instance. */
function targetLabels(cluster: string): Relabeling[] {
  return [
    { targetLabel: 'job', replacement: 'aegis' },
    { targetLabel: 'cluster', replacement: cluster },
    { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' },
  ];
}
