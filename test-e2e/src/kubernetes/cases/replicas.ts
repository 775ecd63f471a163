import { readFileSync } from 'node:fs';

import type { ClusterAuthority, PairFiles } from '../control/authority.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './web.js';

/** Where a pod of a cluster has what. */
const DATA = '/data/replica';
const TLS = '/tls';
const BOOTSTRAP = '/bootstrap/record.json';
export const PORTS = { client: 7400, peer: 7401, metrics: 7402 } as const;
const LABELS = { app: 'replicas' };

export const podName = (index: number): string => `replicas-${index}`;
export const hostOf = (index: number, namespace: string): string =>
  `${podName(index)}.replicas.${namespace}.svc.cluster.local`;

/** The record of the first members, from the nonce that each empty folder has drawn. */
export function bootstrapRecord(nonces: readonly string[], namespace: string): object {
  return {
    clusterId: crypto.randomUUID(),
    members: nonces.map((nonce, index) => ({
      id: index + 1,
      nonce,
      name: podName(index),
      peerAddress: `${hostOf(index, namespace)}:${PORTS.peer}`,
      clientAddress: `${hostOf(index, namespace)}:${PORTS.client}`,
      metricsAddress: `0.0.0.0:${PORTS.metrics}`,
    })),
  };
}

/** The certificates of a cluster as a Secret: one for all replicas, one for who administers it. */
export async function certificates(
  authority: ClusterAuthority,
  replicas: number,
  namespace: string,
): Promise<readonly object[]> {
  const dnsNames = Array.from({ length: replicas }, (_, index) => hostOf(index, namespace));
  const replica = await authority.issue('replicas', { user: 'replicas', group: 'aegis:replica', dnsNames });
  const admin = await authority.issue('admin', { user: 'admin', group: 'aegis:admin' });
  return [secret('replicas-tls', authority, replica), secret('admin-tls', authority, admin)];
}

function secret(name: string, authority: ClusterAuthority, { cert, key }: PairFiles): object {
  const base64 = (file: string) => readFileSync(file).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: { 'ca.crt': base64(authority.files.cert), 'tls.crt': base64(cert), 'tls.key': base64(key) },
  };
}

/** What the pods run: first only the folder with its nonce is made, afterwards the replica is started. */
export type Stage = 'prepare' | 'start';

const PREPARE = `
const { stdout } = require('node:child_process').spawnSync('aegis-replica', ['prepare', '--data', '${DATA}'], { encoding: 'utf8' });
console.log(stdout.trim());
setInterval(() => {}, 1000);
process.on('SIGTERM', () => process.exit(0));
`;

const probe = (path: string) => ({ httpGet: { path, port: PORTS.metrics }, timeoutSeconds: 5 });
/** A start on a busy machine takes longer than a liveness probe would wait. */
const PROBES = {
  startupProbe: { ...probe('/livez'), periodSeconds: 1, failureThreshold: 120 },
  readinessProbe: { ...probe('/readyz'), periodSeconds: 1 },
  livenessProbe: { ...probe('/livez'), periodSeconds: 10 },
};

/** The headless service and the pods. */
export function replicas(image: string, count: number, stage: Stage): readonly object[] {
  const command =
    stage === 'prepare'
      ? ['node', '-e', PREPARE]
      : ['aegis-replica', 'start', '--data', DATA, '--bootstrap', BOOTSTRAP, '--tls', TLS];
  const ready = stage === 'prepare' ? {} : PROBES;
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'replicas' },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: LABELS,
        ports: Object.entries(PORTS).map(([name, port]) => ({ name, port })),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'replicas' },
      spec: {
        serviceName: 'replicas',
        replicas: count,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'OnDelete' },
        selector: { matchLabels: LABELS },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
        template: {
          metadata: { labels: LABELS },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 15,
            securityContext: RESTRICTED_POD,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: LABELS },
              },
            ],
            containers: [
              {
                name: 'replica',
                image,
                imagePullPolicy: 'IfNotPresent',
                command,
                ...ready,
                securityContext: RESTRICTED_CONTAINER,
                volumeMounts: [
                  { name: 'data', mountPath: '/data' },
                  { name: 'tls', mountPath: TLS, readOnly: true },
                  { name: 'bootstrap', mountPath: '/bootstrap', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'tls', secret: { secretName: 'replicas-tls' } },
              { name: 'bootstrap', configMap: { name: 'bootstrap', optional: true } },
            ],
          },
        },
      },
    },
  ];
}

/** A pod from which the `aegis` command is run. */
export function clientPod(image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: RESTRICTED_POD,
      containers: [
        {
          name: 'client',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'node',
            '-e',
            'setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(0))',
          ],
          securityContext: RESTRICTED_CONTAINER,
          volumeMounts: [{ name: 'tls', mountPath: TLS, readOnly: true }],
        },
      ],
      volumes: [{ name: 'tls', secret: { secretName: 'admin-tls' } }],
    },
  };
}
