import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Authority } from '@aegis/client/certificates';
import type { AegisCluster, AegisClusterStatus, Json } from '@aegis/crds';
import { helperLabels, namesOf, type Helper } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import type { KubeObject } from '../kube/object.js';
import { RESOURCES, type ResourceType } from '../kube/resource.js';
import type { Credentials } from '../observe/members-port.js';
import { sampleCluster } from '../testing/cluster.js';
import { startContext, type TestContext } from '../testing/context.js';
import { startScene, until, type Scene } from '../testing/scene.js';
import { reconcileRestore } from './restore.js';
import { reconcileBackups } from './schedule.js';

const CLUSTER_ID = '0123456789abcdef';
const DIGEST = 'ab'.repeat(32);
const BACKUP = { schedule: '15 2 * * *', claimName: 'files', keep: 7 };
const FROM_BACKUP = { claimName: 'files', path: 'a/monday.aegis', digest: DIGEST };

let credentials: Credentials;
let later: Credentials;
beforeAll(async () => {
  const authority = await Authority.create('one');
  const ca = authority.pem.cert;
  const holder = { name: 'operator', role: 'aegis:admin' } as const;
  const at = (hours: number) => new Date(Date.parse('2026-11-25T12:00:00Z') + hours * 3_600_000);
  credentials = { ca, ...(await authority.issue(holder, { now: at(0) })) };
  later = { ca, ...(await authority.issue(holder, { now: at(16) })) };
});

let scene: Scene;
let context: TestContext;
let made: number;
beforeEach(async () => {
  made = 0;
  scene = await startScene();
  context = await startContext(scene, {});
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

function clusterWith(spec: Readonly<Record<string, Json>>, status?: AegisClusterStatus): AegisCluster {
  const sample = sampleCluster(spec);
  const { metadata } = sample;
  const namespaced = { ...sample, metadata: { ...metadata, namespace: scene.namespace } };
  return status === undefined ? namespaced : { ...namespaced, status };
}

/** A pod of a Job, as the kubelet tells of it. */
async function pod(
  helper: Helper,
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed',
  message?: string,
  more: object = {},
): Promise<void> {
  const name = `sample-${helper}-${++made}`;
  // The API server dates it by its own clock.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const state = message === undefined ? { waiting: {} } : { terminated: { exitCode: 0, message } };
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: scene.namespace, labels: helperLabels('sample', helper) },
    status: { phase, containerStatuses: [{ name: helper, state }], ...more },
  };
  await scene.client.create(RESOURCES.pods, object as never);
  const ref = { namespace: scene.namespace, name };
  const { status } = object;
  await scene.client.apply(RESOURCES.pods, { ...object, status } as never, { subresource: 'status' });
  await until(() => context.caches.pods.get(ref)?.status?.phase === phase, name);
}

/** An object as it is stored, whatever its kind. */
interface Stored extends KubeObject {
  readonly metadata: KubeObject['metadata'] & Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
}

function get(name: keyof typeof RESOURCES, object: string): Promise<Stored | undefined> {
  const { group, version, plural, kind } = RESOURCES[name];
  const type: ResourceType<Stored> = { group, version, plural, kind };
  return scene.client.get(type, { namespace: scene.namespace, name: object });
}

describe('backups on a schedule', () => {
  const report = (at: string, file: string) =>
    JSON.stringify({ file, digest: DIGEST, takenAt: `2026-11-25T${at}.123Z`, bytes: 7 });
  const look = async (of: AegisCluster, as: Credentials | undefined = credentials) => {
    const found: { lastBackup?: AegisClusterStatus['lastBackup'] } = {};
    const trouble: unknown = await reconcileBackups(context, of, as, found).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { ...found, trouble };
  };

  test('a CronJob saves into the claim, with a certificate that is handed on when there is a later one', async () => {
    const cluster = clusterWith({ backup: BACKUP });
    await look(cluster);
    const cron = (await get('cronJobs', 'sample-backup'))!;
    expect(cron.spec).toMatchObject({
      schedule: '15 2 * * *',
      timeZone: 'Etc/UTC',
      suspend: false,
      concurrencyPolicy: 'Forbid',
    });
    const text = JSON.stringify(cron.spec);
    expect(text).toContain(
      `"--endpoints","sample-client.${scene.namespace}.svc:4410","--tls","/etc/aegis/tls","backup","into","/backups","--name","sample","--keep","7","--report","/dev/termination-log"`,
    );
    expect(text).toContain('"persistentVolumeClaim":{"claimName":"files"}');
    const secret = async () => (await get('secrets', 'sample-backup'))!.data['tls.crt'];
    const first = await secret();
    await until(() => context.caches.secrets.list().length === 1, 'the Secret in the cache');
    await look(cluster);
    expect(await secret()).toBe(first);
    await look(cluster, later);
    expect(Buffer.from((await secret())!, 'base64').toString()).toBe(later.cert);

    // Its pods are none of those that a Service of the cluster leads to.
    const { labels } = (cron.spec['jobTemplate'] as { metadata: { labels: Record<string, string> } })
      .metadata;
    expect(labels['app.kubernetes.io/name']).toBe('aegis-backup');

    await until(() => context.caches.cronJobs.list().length === 1, 'the CronJob in the cache');
    await look(clusterWith({}));
    expect(await get('cronJobs', 'sample-backup')).toBeUndefined();
    expect(await get('secrets', 'sample-backup')).toBeUndefined();
  });

  test('the newest backup is told once, from what its pod left', async () => {
    const cluster = clusterWith({ backup: BACKUP });
    expect(await look(cluster)).toEqual({ trouble: undefined });
    await pod('backup', 'Succeeded', report('11:01:00', 'one.aegis'));
    await pod('backup', 'Succeeded', report('11:02:00', 'two.aegis'));
    const lastBackup = { time: '2026-11-25T11:02:00Z', file: 'two.aegis', digest: DIGEST };
    expect(await look(cluster)).toEqual({ lastBackup, trouble: undefined });
    expect(context.events).toMatchObject([
      { reason: 'BackupSaved', message: `saved two.aegis, digest ${DIGEST}` },
    ]);
    expect(await look(clusterWith({ backup: BACKUP }, { lastBackup }))).toEqual({ trouble: undefined });
    expect(context.events).toHaveLength(1);
  });

  test('one that fails shows with what it said last, and one that cannot begin with what it waits for', async () => {
    const cluster = clusterWith({ backup: BACKUP });
    await pod('backup', 'Failed', 'aegis: /backups: no space left on device');
    expect((await look(cluster)).trouble).toMatchObject({
      reason: 'BackupFailed',
      message: expect.stringContaining('no space left on device'),
    });
    await pod('backup', 'Pending', undefined, {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          message: 'persistentvolumeclaim "files" not found',
        },
      ],
    });
    // A little patience first.
    context.setNow(new Date(Date.now() + 60_000));
    expect((await look(cluster)).trouble).toBeUndefined();
    context.setNow(new Date(Date.now() + 130_000));
    expect((await look(cluster)).trouble).toMatchObject({
      reason: 'BackupNotStarting',
      message: expect.stringContaining('persistentvolumeclaim "files" not found'),
    });
    await pod('backup', 'Succeeded', 'nonsense');
    expect(await look(cluster)).toEqual({ trouble: undefined });
  });
});

describe('a cluster that begins from a backup', () => {
  const cluster = () => clusterWith({ bootstrap: { fromBackup: FROM_BACKUP } });
  const look = () => reconcileRestore(context, cluster(), CLUSTER_ID);
  const names = namesOf('sample');
  const nonce = 'cd'.repeat(16);
  const said = JSON.stringify({ memberId: 1, clusterId: CLUSTER_ID, backup: DIGEST, nonce });

  async function jobEnds(type: 'Complete' | 'Failed', at: string): Promise<void> {
    const job = (await get('jobs', names.restore))!;
    const status = { conditions: [{ type, status: 'True', lastTransitionTime: at }] };
    await scene.client.apply(RESOURCES.jobs, { ...job, status } as never, { subresource: 'status' });
  }

  test('one that begins empty is left alone', async () => {
    expect(await reconcileRestore(context, clusterWith({}), CLUSTER_ID)).toBeUndefined();
    expect(await get('jobs', names.restore)).toBeUndefined();
  });

  test('the volume, a draft of the record, a Job, and then the record with the nonce that it told', async () => {
    expect(await look()).toMatchObject({ kind: 'wait', reason: 'Restoring' });
    const claim = (await get('volumeClaims', 'data-sample-0'))!;
    expect(claim.metadata).toMatchObject({ labels: { 'aegis.dev/cluster-id': CLUSTER_ID } });
    expect(claim.metadata['ownerReferences']).toBeUndefined();
    const draft = JSON.parse((await get('configMaps', names.restore))!.data[RECORD_FILE]!) as object;
    expect(draft).toMatchObject({
      clusterId: CLUSTER_ID,
      backup: DIGEST,
      members: [{ id: 1, name: 'sample-0' }],
    });
    const text = JSON.stringify((await get('jobs', names.restore))!.spec);
    expect(text).toContain(
      '"restore","--data","/data/member","--bootstrap","/etc/aegis/bootstrap/bootstrap.json","--backup","/restore/a/monday.aegis","--first-member","--report","/dev/termination-log"',
    );
    expect(text).toContain('"claimName":"files","readOnly":true');

    // Nothing is made twice while it runs.
    await until(() => context.caches.volumeClaims.list().length === 1, 'the volume in the cache');
    const { uid } = (await get('jobs', names.restore))!.metadata;
    await pod('restore', 'Running');
    expect(await look()).toMatchObject({ kind: 'wait' });
    expect((await get('jobs', names.restore))!.metadata['uid']).toBe(uid);
    expect(await get('configMaps', names.record)).toBeUndefined();

    await pod('restore', 'Succeeded', said);
    await jobEnds('Complete', '2026-11-25T12:00:00Z');
    expect(await look()).toMatchObject({ kind: 'wait' });
    const record = JSON.parse((await get('configMaps', names.record))!.data[RECORD_FILE]!) as object;
    expect(record).toMatchObject({ clusterId: CLUSTER_ID, backup: DIGEST, members: [{ id: 1, nonce }] });
    expect(context.events).toMatchObject([{ reason: 'Restored' }]);

    await until(() => context.caches.configMaps.list().length === 2, 'the record in the cache');
    expect(await look()).toBeUndefined();
    expect(await get('jobs', names.restore)).toBeUndefined();
    expect(await get('configMaps', names.restore)).toBeUndefined();
  });

  test('a Job that ended and left nothing is run again', async () => {
    await look();
    await pod('restore', 'Succeeded', JSON.stringify({ nonce, clusterId: 'another' }));
    await jobEnds('Complete', '2026-11-25T11:59:30Z');
    expect(await look()).toMatchObject({ kind: 'wait', message: expect.stringContaining('yet to tell') });
    expect(await get('jobs', names.restore)).toBeDefined();
    context.setNow(new Date('2026-11-25T12:02:00Z'));
    await look();
    expect(await get('jobs', names.restore)).toBeUndefined();
    expect(await get('configMaps', names.record)).toBeUndefined();
    await look();
    expect(await get('jobs', names.restore)).toBeDefined();
  });

  test('a failure shows with what the restore said, and is tried again', async () => {
    await look();
    await pod(
      'restore',
      'Failed',
      `aegis-replica: --backup: it is backup X, and the cluster begins from ${DIGEST}`,
    );
    await jobEnds('Failed', '2026-11-25T12:00:00Z');
    await expect(look()).rejects.toMatchObject({
      reason: 'RestoreFailed',
      message: expect.stringContaining('it is backup X, and the cluster begins from'),
    });
    expect(await get('jobs', names.restore)).toBeDefined();
    context.setNow(new Date('2026-11-25T12:01:01Z'));
    await expect(look()).rejects.toMatchObject({ reason: 'RestoreFailed' });
    expect(await get('jobs', names.restore)).toBeUndefined();
  });

  test('a claim that is not there shows as what the pod waits for', async () => {
    await look();
    await pod('restore', 'Pending', undefined, {
      conditions: [
        { type: 'PodScheduled', status: 'False', message: 'persistentvolumeclaim "files" not found' },
      ],
    });
    context.setNow(new Date(Date.now() + 61_000));
    await expect(look()).rejects.toMatchObject({
      reason: 'RestoreNotStarting',
      message: expect.stringContaining('persistentvolumeclaim "files" not found'),
    });
  });

  test('where volumes of the cluster are, nothing is restored over them', async () => {
    const claim = (name: string, annotations: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace: scene.namespace,
        annotations,
        labels: { ...helperLabels('sample', 'restore'), 'aegis.dev/cluster-id': CLUSTER_ID },
      },
    });
    // Not made for this backup: it may hold data.
    await scene.client.create(RESOURCES.volumeClaims, claim('data-sample-0', {}));
    await until(() => context.caches.volumeClaims.list().length === 1, 'the volume in the cache');
    expect(await look()).toBeUndefined();
    expect(await get('jobs', names.restore)).toBeUndefined();
  });
});
