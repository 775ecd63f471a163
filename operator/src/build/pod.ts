import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import type { AegisCluster } from '@aegis/crds';
import type { Wire } from '../kube/object.js';
import { labelsOf, namesOf, PORTS, selectorOf } from './names.js';
import { pullSecretsOf } from './pull-secrets.js';
import { CONTAINER_SECURITY, POD_SECURITY } from './restricted.js';

/** What a pod is made of, besides its cluster's spec. */
export interface PodParts {
  /** The image of clusters that name none. */
  readonly memberImage: string;
  /** The ConfigMap of the settings that it runs under. */
  readonly settingsName: string;
}

/** By which a pod tells the template that it was made from, without asking any controller. */
export const TEMPLATE_ANNOTATION = 'aegis.dev/template';

/** Where its files are. */
export const FOLDERS = {
  data: '/data',
  settings: '/etc/aegis/settings',
  record: '/etc/aegis/bootstrap',
  tls: '/etc/aegis/tls',
};

/** Not the volume's root, which may hold folders of the file system. */
export const MEMBER_FOLDER = `${FOLDERS.data}/member`;

/** A member's pod, fit for the restricted Pod Security Standard. */
export function buildPodTemplate(cluster: AegisCluster, parts: PodParts): Wire<V1PodTemplateSpec> {
  const template = bareTemplate(cluster, parts);
  const digest = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
  const annotations = { ...template.metadata?.annotations, [TEMPLATE_ANNOTATION]: digest };
  return { ...template, metadata: { ...template.metadata, annotations } };
}

/** What tells one template from another. @returns the value of the annotation */
export function templateDigest(cluster: AegisCluster, parts: PodParts): string {
  return buildPodTemplate(cluster, parts).metadata!.annotations![TEMPLATE_ANNOTATION]!;
}

function bareTemplate(cluster: AegisCluster, parts: PodParts): Wire<V1PodTemplateSpec> {
  const { name } = cluster.metadata;
  const { spec } = cluster;
  const { nodeSelector, tolerations, priorityClassName, spread } = spec.scheduling;
  return {
    metadata: { labels: labelsOf(name) },
    spec: {
      serviceAccountName: namesOf(name).serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // A leader hands over and lets its clients go before it ends.
      terminationGracePeriodSeconds: 30,
      securityContext: POD_SECURITY,
      ...pullSecretsOf(cluster),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...spreading(name, spread),
      containers: [container(cluster, parts)],
      volumes: volumes(name, parts),
    },
  };
}

/**
 * What must be kept is a spread constraint; what is only better is a preference against each other's company. Constraints that
 * may be broken do not count at all on nodes that lack the label of any one of them, as of a zone.
 */
function spreading(cluster: string, spread: AegisCluster['spec']['scheduling']['spread']) {
  const labelSelector = { matchLabels: selectorOf(cluster) };
  const keys = (wanted: (typeof spread)[number]['whenUnsatisfiable']): string[] =>
    spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === wanted).map((each) => each.topologyKey);
  const must = keys('DoNotSchedule').map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector,
  }));
  const rather = keys('ScheduleAnyway').map((topologyKey) => ({
    weight: 100,
    podAffinityTerm: { topologyKey, labelSelector },
  }));
  return {
    ...(must.length === 0 ? {} : { topologySpreadConstraints: must }),
    ...(rather.length === 0
      ? {}
      : { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: rather } } }),
  };
}

function container({ spec }: AegisCluster, { memberImage }: PodParts) {
  const { reference, pullPolicy } = spec.image;
  const { requests, limits } = spec.resources;
  return {
    name: 'replica',
    image: reference ?? memberImage,
    imagePullPolicy: pullPolicy,
    command: ['aegis-replica'],
    args: [
      'start',
      ...['--data', MEMBER_FOLDER],
      ...['--bootstrap', `${FOLDERS.record}/bootstrap.json`],
      ...['--settings', `${FOLDERS.settings}/settings.yaml`],
      ...['--tls', FOLDERS.tls],
      '--await-bootstrap',
      ...['--when-removed', 'move-aside'],
      // Its own name may not be in the DNS yet.
      ...['--listen', '0.0.0.0'],
      ...['--metrics', `0.0.0.0:${PORTS.metrics}`],
    ],
    // Looking up names occupies the threads that write to disk: one more for each peer.
    env: [{ name: 'UV_THREADPOOL_SIZE', value: '16' }],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    // Opening a large state takes its time; none of the probes asks for a quorum to keep a member alive.
    startupProbe: { httpGet: { path: '/livez', port: 'metrics' }, periodSeconds: 2, failureThreshold: 300 },
    livenessProbe: {
      httpGet: { path: '/livez', port: 'metrics' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' }, periodSeconds: 2, timeoutSeconds: 2 },
    resources: {
      requests: { cpu: requests.cpu, memory: requests.memory },
      limits: { memory: limits.memory, ...(limits.cpu === undefined ? {} : { cpu: limits.cpu }) },
    },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: Object.entries(FOLDERS).map(([name, mountPath]) => ({
      name,
      mountPath,
      ...(name === 'data' ? {} : { readOnly: true }),
    })),
  };
}

/** Without the one of the data, which comes from the StatefulSet. */
function volumes(cluster: string, { settingsName }: PodParts) {
  const { record, memberSecret } = namesOf(cluster);
  return [
    { name: 'settings', configMap: { name: settingsName } },
    // Not there before the first members have told their nonces.
    { name: 'record', configMap: { name: record, optional: true } },
    // Readable by the group of the pod alone.
    { name: 'tls', secret: { secretName: memberSecret, defaultMode: 0o440 } },
  ];
}
