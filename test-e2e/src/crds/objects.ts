import { FIELDS, resolveSettings, SETTING_NAMES } from '@aegis/replica/settings';
import { API_VERSION } from '@aegis/crds';

export type Spec = Readonly<Record<string, unknown>>;

/** Objects that are good, for cases that change one thing about them. */
export const cluster = (spec: Spec = {}, name = 'sample') => object('AegisCluster', spec, name);

export const lease = (spec: Spec = {}) =>
  object('AegisLease', { clusterRef: { name: 'sample' }, key: 'nightly-report', ...spec });

export const incident = (spec: Spec = {}) =>
  object('Incident', {
    clusterRef: { name: 'sample' },
    class: 'DiskStall',
    onsetTime: '2026-01-31T12:00:00Z',
    detectedTime: '2026-01-31T12:00:20Z',
    summary: 'The disk of member 3 stands still for seconds.',
    ...spec,
  });

const BASE = resolveSettings('all');

export const recommendation = (spec: Spec = {}, status?: Spec) => ({
  ...object('TuningRecommendation', {
    clusterRef: { name: 'sample' },
    replicas: 5,
    base: BASE,
    patch: { electionTimeoutMs: 1300 },
    rollback: { electionTimeoutMs: 1000 },
    rationale: 'Elections follow pauses of 900 ms.',
    envelope: { passed: true, findings: [] },
    validUntil: '2026-02-28T12:00:00Z',
    ...spec,
  }),
  ...(status === undefined ? {} : { status }),
});

/** Everything that a cluster can ask for. */
export const fullCluster = () =>
  cluster({
    replicas: 7,
    profile: 'locks',
    image: { reference: 'registry.example/aegis:1', pullPolicy: 'Always', pullSecrets: ['pull'] },
    storage: { size: '1.5Ti', className: 'fast' },
    consensus: Object.fromEntries(SETTING_NAMES.map((name) => [name, FIELDS[name].defaults.locks])),
    resources: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '4', memory: '4Gi' } },
    tls: {
      issuer: 'CertManager',
      issuerRef: { name: 'house' },
      certificateDays: 30,
      clientNames: ['locks.example.org'],
    },
    scheduling: {
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'dedicated', value: 'aegis', effect: 'NoSchedule' }],
      priorityClassName: 'high',
      spread: [{ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' }],
    },
    network: { policy: true, clients: [{ namespaceLabels: { team: 'a' }, podLabels: { app: 'b' } }] },
    monitoring: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, interval: '15s' } },
    backup: { schedule: '15 2 * * *', claimName: 'backups', keep: 14 },
    bootstrap: { fromBackup: { claimName: 'backups', path: 'old/monday.aegis', digest: 'ab'.repeat(32) } },
    adoptVolumes: true,
    paused: true,
  });

export const sourced = (spec: Spec = {}) =>
  cluster({ configSource: { repository: 'acme/infra', path: 'aegis/sample.yaml' }, ...spec });

function object(kind: string, spec: Spec, name = 'sample') {
  return { apiVersion: API_VERSION, kind, metadata: { name, namespace: 'default' }, spec };
}
