import { describe, expect, test } from '@jest/globals';
import { parseSettingsDocument, resolveSettings } from '@aegis/replica/settings';
import { sampleCluster } from '../testing/cluster.js';
import { buildBackupCronJob } from './backup.js';
import { buildDisruptionBudget, buildServiceAccount, buildServiceMonitor } from './guards.js';
import { hostOf, labelsOf, namesOf, PORTS } from './names.js';
import { buildNetworkPolicy } from './network-policy.js';
import { buildPodTemplate } from './pod.js';
import { buildRecord, RECORD_FILE } from './record.js';
import { buildRestoreJob } from './restore.js';
import { buildClientService, buildPeerService } from './services.js';
import { buildSettings, memberDigest, SETTINGS_FILE } from './settings.js';
import { buildStatefulSet } from './stateful-set.js';

const PARTS = {
  memberImage: 'aegis:1',
  settingsName: 'sample-settings-0',
  replicas: 5,
  clusterId: 'abcdef0123456789',
};
const OPERATOR = { namespace: 'aegis-system', labels: { app: 'operator' } };

function everything(cluster = sampleCluster()) {
  return [
    buildStatefulSet(cluster, PARTS),
    buildPeerService(cluster),
    buildClientService(cluster),
    buildDisruptionBudget(cluster),
    buildServiceAccount(cluster),
    buildNetworkPolicy(cluster, OPERATOR)!,
    buildSettings(cluster, resolveSettings('all')),
    buildRecord(cluster, PARTS.clusterId, ['0'.repeat(32)]),
  ];
}

test('every object belongs to its cluster, goes with it, and is found by its labels', () => {
  for (const { kind, metadata } of everything()) {
    const owner = metadata.ownerReferences?.[0];
    expect([kind, owner?.kind, owner?.controller, owner?.uid]).toEqual([
      kind,
      'AegisCluster',
      true,
      sampleCluster().metadata.uid,
    ]);
    expect([kind, metadata.namespace, metadata.labels]).toEqual([kind, 'house', labelsOf('sample')]);
  }
});

test('the same spec gives the same objects, to the letter', () => {
  expect(JSON.stringify(everything())).toBe(JSON.stringify(everything()));
});

test('names fit, even the longest', () => {
  const name = 'x'.repeat(40);
  for (const { metadata } of everything(sampleCluster({}, name)))
    expect(metadata.name.length).toBeLessThanOrEqual(63);
  // A revision's hash is a label of each pod beside the set's name.
  expect(`${namesOf(name).statefulSet}-0123456789`.length).toBeLessThanOrEqual(63);
});

describe('the pods', () => {
  const pod = buildPodTemplate(sampleCluster(), PARTS).spec!;
  const [replica] = pod.containers;

  test('meet the restricted Pod Security Standard', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.securityContext?.runAsUser).toBeGreaterThan(0);
    for (const { securityContext } of pod.containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
    const allowed = ['configMap', 'secret', 'name'];
    for (const volume of pod.volumes!) for (const key of Object.keys(volume)) expect(allowed).toContain(key);
    expect(replica!.ports!.some(({ hostPort }) => hostPort !== undefined)).toBe(false);
  });

  test('begin without the record of the first members, which nobody can have written yet', () => {
    expect(pod.volumes).toContainEqual({
      name: 'record',
      configMap: { name: 'sample-bootstrap', optional: true },
    });
  });

  test('mount what their flags name', () => {
    const mounts = replica!.volumeMounts!.map(({ mountPath }) => mountPath);
    const paths = replica!.args!.filter((arg) => arg.startsWith('/'));
    for (const path of paths) expect(mounts.some((mount) => path.startsWith(mount))).toBe(true);
    const named = [...pod.volumes!.map(({ name }) => name), 'data'];
    expect(replica!.volumeMounts!.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
  });

  test('run the image of the spec, else the one of the operator', () => {
    expect(replica!.image).toBe('aegis:1');
    const own = sampleCluster({ image: { reference: 'registry.example/aegis@sha256:0' } });
    expect(buildPodTemplate(own, PARTS).spec!.containers[0]!.image).toBe('registry.example/aegis@sha256:0');
  });

  test('spread over nodes and zones, but would rather run somewhere than wait', () => {
    const terms = pod.affinity!.podAntiAffinity!.preferredDuringSchedulingIgnoredDuringExecution!;
    expect(terms.map(({ podAffinityTerm }) => podAffinityTerm.topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    // Beside one whose label no node has, a constraint would not count.
    expect(pod.topologySpreadConstraints).toBeUndefined();
  });

  test('wait for a place of their own where that is asked for', () => {
    const spread = [{ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' }];
    const strict = buildPodTemplate(sampleCluster({ scheduling: { spread } }), PARTS).spec!;
    expect(strict.topologySpreadConstraints).toMatchObject([{ ...spread[0], maxSkew: 1 }]);
    expect(strict.affinity).toBeUndefined();
  });
});

test('the StatefulSet begins all pods at once, replaces none by itself, and keeps the volumes', () => {
  const { spec } = buildStatefulSet(sampleCluster({ storage: { size: '3Gi', className: 'fast' } }), PARTS);
  expect(spec).toMatchObject({
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'OnDelete' },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    replicas: 5,
  });
  const [claim] = spec!.volumeClaimTemplates!;
  expect(claim!.metadata!.labels).toMatchObject({ 'aegis.dev/cluster-id': PARTS.clusterId });
  expect(claim!.spec).toMatchObject({
    storageClassName: 'fast',
    resources: { requests: { storage: '3Gi' } },
  });
});

test('members have names before they are ready, and clients are sent to ready ones only', () => {
  expect(buildPeerService(sampleCluster()).spec).toMatchObject({
    clusterIP: 'None',
    publishNotReadyAddresses: true,
  });
  const client = buildClientService(sampleCluster());
  expect([client.metadata.name, client.spec!.ports!.map(({ port }) => port)]).toEqual([
    'sample-client',
    [PORTS.client],
  ]);
  expect(client.spec!.publishNotReadyAddresses).toBeUndefined();
});

test('a broken pod never stops a drain', () => {
  expect(buildDisruptionBudget(sampleCluster()).spec).toMatchObject({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  });
});

describe('settings', () => {
  const settings = resolveSettings('locks');

  test('are a document that the replica reads back as they were', () => {
    const { data } = buildSettings(sampleCluster({ profile: 'locks' }), settings);
    const read = parseSettingsDocument(data![SETTINGS_FILE]!);
    expect([read.name, read.namespace, read.profile, read.consensus]).toEqual([
      'sample',
      'house',
      'locks',
      settings,
    ]);
  });

  test('are another object if members have to restart for them, and the same one if not', () => {
    const digest = memberDigest('locks', settings);
    expect(memberDigest('locks', { ...settings, leaseMaxTtlMs: 60_000 })).toBe(digest);
    expect(memberDigest('locks', { ...settings, electionTimeoutMs: 1300 })).not.toBe(digest);
    expect(memberDigest('all', settings)).not.toBe(digest);
  });
});

test('the record of the first members is immutable, and names each by its pod', () => {
  const nonces = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  const { immutable, data } = buildRecord(sampleCluster(), PARTS.clusterId, nonces);
  expect(immutable).toBe(true);
  const record = JSON.parse(data![RECORD_FILE]!) as {
    clusterId: string;
    members: { id: number; nonce: string; peerAddress: string }[];
  };
  expect(record.clusterId).toBe(PARTS.clusterId);
  expect(record.members.map(({ id, nonce, peerAddress }) => [id, nonce, peerAddress])).toEqual(
    nonces.map((nonce, ordinal) => [ordinal + 1, nonce, `${hostOf('sample', 'house', ordinal)}:4411`]),
  );
});

describe('the network', () => {
  const ingress = (spec = {}) => buildNetworkPolicy(sampleCluster(spec), OPERATOR)!.spec!.ingress!;

  test('lets members reach each other, the operator and the own namespace reach the client port, all the metrics', () => {
    const [peers, clients, metrics] = ingress();
    expect(peers!.from).toEqual([
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'aegis', 'aegis.dev/cluster': 'sample' } } },
    ]);
    expect(clients!.from).toHaveLength(2);
    expect(clients!.from![1]).toEqual({ podSelector: { matchLabels: {} } });
    expect([metrics!.from, metrics!.ports!.map(({ port }) => port)]).toEqual([undefined, ['metrics']]);
  });

  test('lets in who is listed, and nobody for an empty list', () => {
    const listed = ingress({ network: { clients: [{ namespaceLabels: { team: 'a' } }] } })[1]!;
    expect(listed.from![1]).toEqual({
      namespaceSelector: { matchLabels: { team: 'a' } },
      podSelector: { matchLabels: {} },
    });
    expect(ingress({ network: { clients: [] } })[1]!.from).toHaveLength(1);
  });

  test('is left alone if that is wanted', () => {
    expect(buildNetworkPolicy(sampleCluster({ network: { policy: false } }), OPERATOR)).toBeUndefined();
  });
});

test('a ServiceMonitor is made when it is asked for', () => {
  expect(buildServiceMonitor(sampleCluster())).toBeUndefined();
  const asked = sampleCluster({
    monitoring: { serviceMonitor: { enabled: true, labels: { release: 'x' } } },
  });
  const monitor = buildServiceMonitor(asked)!;
  expect(monitor.metadata.labels).toMatchObject({ release: 'x' });
  expect(monitor.spec.endpoints).toMatchObject([{ port: 'metrics', interval: '30s' }]);
  const labels = monitor.spec.endpoints[0]!.relabelings;
  expect(labels.map(({ targetLabel, replacement }) => [targetLabel, replacement])).toEqual([
    ['job', 'aegis'],
    ['cluster', asked.metadata.name],
    ['instance', undefined],
  ]);
});

test('pods that back up and restore run once, restricted, without a token, and no Service leads to them', () => {
  const cluster = sampleCluster();
  const backup = { schedule: '0 0 * * *', claimName: 'files', keep: 3 };
  const source = { claimName: 'files', path: 'one.aegis', digest: 'ab'.repeat(32) };
  const templates = [
    buildBackupCronJob(cluster, backup, 'aegis:1').spec.jobTemplate.spec!.template,
    buildRestoreJob(cluster, source, 'aegis:1').spec!.template,
  ];
  for (const { metadata, spec } of templates) {
    expect(spec).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const [container] = spec!.containers;
    expect(container).toMatchObject({
      image: 'aegis:1',
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    const selector = buildClientService(cluster).spec!.selector!;
    expect(Object.entries(selector).every(([name, value]) => metadata!.labels![name] === value)).toBe(false);
  }
  const client = buildNetworkPolicy(sampleCluster({ backup }), OPERATOR)!.spec!.ingress![1]!;
  expect(client.from).toContainEqual({
    podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/name': 'aegis-backup' }) },
  });
});
