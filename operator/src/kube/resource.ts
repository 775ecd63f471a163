import type {
  V1ConfigMap,
  V1CronJob,
  V1Job,
  V1Lease,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  CoreV1Event,
} from '@kubernetes/client-node';
import {
  aegisCluster,
  aegisLease,
  GROUP,
  incident,
  tuningRecommendation,
  VERSION,
  type AegisCluster,
  type AegisLease,
  type Incident,
  type TuningRecommendation,
} from '@aegis/crds';
import type { KubeObject, ObjectRef, Wire } from './object.js';

declare const shape: unique symbol;

/** A kind of objects: where they are in the API, and as `T` what TypeScript sees of them. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** Empty: the core. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Never there; carries the type. */
  readonly [shape]?: T;
}

/** A type of the client library as it is on the wire, with what every stored object has. */
type Stored<T> = KubeObject & Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'>;

function core<T>(plural: string, kind: string): ResourceType<Stored<T>> {
  return { group: '', version: 'v1', plural, kind };
}

function grouped<T>(group: string, plural: string, kind: string): ResourceType<Stored<T>> {
  return { group, version: 'v1', plural, kind };
}

function own<T extends KubeObject>({ plural, kind }: { plural: string; kind: string }): ResourceType<T> {
  return { group: GROUP, version: VERSION, plural, kind };
}

/** Everything that the operator and the agent read or write. */
export const RESOURCES = {
  clusters: own<AegisCluster>(aegisCluster),
  leases: own<AegisLease>(aegisLease),
  recommendations: own<TuningRecommendation>(tuningRecommendation),
  incidents: own<Incident>(incident),
  statefulSets: grouped<V1StatefulSet>('apps', 'statefulsets', 'StatefulSet'),
  pods: core<V1Pod>('pods', 'Pod'),
  services: core<V1Service>('services', 'Service'),
  configMaps: core<V1ConfigMap>('configmaps', 'ConfigMap'),
  secrets: core<V1Secret>('secrets', 'Secret'),
  serviceAccounts: core<V1ServiceAccount>('serviceaccounts', 'ServiceAccount'),
  volumeClaims: core<V1PersistentVolumeClaim>('persistentvolumeclaims', 'PersistentVolumeClaim'),
  events: core<CoreV1Event>('events', 'Event'),
  disruptionBudgets: grouped<V1PodDisruptionBudget>('policy', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  networkPolicies: grouped<V1NetworkPolicy>('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
  jobs: grouped<V1Job>('batch', 'jobs', 'Job'),
  cronJobs: grouped<V1CronJob>('batch', 'cronjobs', 'CronJob'),
  electionLeases: grouped<V1Lease>('coordination.k8s.io', 'leases', 'Lease'),
  serviceMonitors: grouped<ServiceMonitor>('monitoring.coreos.com', 'servicemonitors', 'ServiceMonitor'),
} as const;

/** Of the Prometheus operator; the part that is used. */
export interface ServiceMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      readonly port: string;
      readonly interval: string;
      readonly relabelings: readonly Relabeling[];
    }[];
  };
}

/** Gives a series a label: this text, or what others hold. */
export interface Relabeling {
  readonly targetLabel: string;
  readonly replacement?: string;
  readonly sourceLabels?: readonly string[];
}

/** What `ResourceType<T>` describes. */
export type ObjectOf<R> = R extends ResourceType<infer T> ? T : never;

export function apiVersionOf({ group, version }: ResourceType): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path of a collection, an object or a subresource. */
export function pathOf(
  type: ResourceType,
  { namespace, name, subresource }: Partial<ObjectRef> & { readonly subresource?: string | undefined },
): string {
  const { group, version, plural } = type;
  const root = group === '' ? ['api', version] : ['apis', group, version];
  const within = namespace === undefined ? [] : ['namespaces', namespace];
  const parts = [
    ...root,
    ...within,
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
