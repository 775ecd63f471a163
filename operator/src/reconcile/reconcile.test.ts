import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import { namesOf } from '../build/names.js';
import { memberDigest } from '../build/settings.js';
import { RESOURCES } from '../kube/resource.js';
import { sampleCluster } from '../testing/cluster.js';
import { FakeKubernetes } from '../testing/fake-kubernetes.js';
import { MortalOperator } from '../testing/life.js';
import { startScene, type Scene } from '../testing/scene.js';
import type { StatefulSet } from './stateful-set.js';

let scene: Scene;
let world: FakeKubernetes;
let operator: MortalOperator;

beforeEach(async () => {
  scene = await startScene();
  world = new FakeKubernetes(scene.server!, scene.namespace, 'sample');
});
afterEach(async () => {
  operator.stop();
  await scene.end();
});

/** An operator that dies after so many changes in each of its lives. */
function begin(writes: () => number): MortalOperator {
  operator = new MortalOperator(scene, world, `${scene.namespace}/sample`, writes);
  return operator;
}

async function declare(spec: Parameters<typeof sampleCluster>[0]): Promise<void> {
  const { metadata: _, ...rest } = sampleCluster(spec);
  await scene.client.apply(RESOURCES.clusters, {
    ...rest,
    metadata: { name: 'sample', namespace: scene.namespace },
  });
}

const condition = ({ status }: AegisCluster, type: string) =>
  status?.conditions?.find((each) => each.type === type);
const is = (cluster: AegisCluster, type: string, status: string): boolean =>
  condition(cluster, type)?.status === status;

/** Nothing is left to do for a cluster of so many. */
const settled = (size: number) => (cluster: AegisCluster) =>
  is(cluster, 'Available', 'True') &&
  is(cluster, 'ConfigInSync', 'True') &&
  condition(cluster, 'Progressing')?.reason === 'AsWanted' &&
  cluster.status?.readyReplicas === size &&
  world.pods.length === size;

const everlasting = (): number => Infinity;

describe.each([
  ['never dies', everlasting],
  ['dies after each single change', () => 1],
  ['dies after one, two or three changes', rotating(1, 2, 3)],
])('an operator that %s', (_, writes) => {
  test('makes a cluster once, rolls it, grows and shrinks it, and mends a lost volume', async () => {
    begin(writes);
    await declare({ replicas: 3 });
    const made = await operator.until(settled(3), 'a cluster of 3');
    expect(world.voters.map(({ id }) => id)).toEqual([1, 2, 3]);
    const { clusterId } = made.status!;

    const before = world.pods.map(({ metadata }) => metadata.uid);
    await declare({ replicas: 3, consensus: { electionTimeoutMs: 1200 } });
    const rolled = await operator.until(
      (cluster) => settled(3)(cluster) && cluster.status?.settings?.effective.electionTimeoutMs === 1200,
      'other settings',
    );
    expect(world.pods.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
    expect(rolled.status!.settings!.lastHealthy!.electionTimeoutMs).toBe(1200);
    expect(rolled.status!.settings!.source).toEqual({ kind: 'Spec' });

    await declare({ replicas: 5, consensus: { electionTimeoutMs: 1200 } });
    await operator.until(settled(5), 'a cluster of 5');
    world.loseVolume(1);
    await operator.until(
      (cluster) => settled(5)(cluster) && world.members.every(({ id }) => id !== 2),
      'a new member for a lost volume',
    );
    await declare({ replicas: 3, consensus: { electionTimeoutMs: 1200 } });
    const shrunk = await operator.until(
      (cluster) => settled(3)(cluster) && world.claims.length === 3,
      'a cluster of 3 again',
    );
    // Ids are never given again, whatever was forgotten.
    expect(new Set(world.members.map(({ id }) => id)).size).toBe(3);
    expect(world.voters).toHaveLength(3);
    expect(shrunk.status!.clusterId).toBe(clusterId);
    expect(world.quorumLost).toEqual([]);
  }, 120_000);
});

test('settings with which the first member does not come back are taken back, and not tried again', async () => {
  begin(everlasting);
  await declare({ replicas: 3 });
  await operator.until(settled(3), 'a cluster of 3');
  const bad = memberDigest('all', resolveSettings('all', { electionTimeoutMs: 1300 }));
  world.badSettings = namesOf('sample').settings(bad);
  operator.ageMs = 61_000;
  await declare({ replicas: 3, consensus: { electionTimeoutMs: 1300 } });
  const held = await operator.until(
    (cluster) =>
      condition(cluster, 'ConfigInSync')?.reason === 'RolledBack' && cluster.status?.readyReplicas === 3,
    'the last healthy settings again',
  );
  expect(condition(held, 'ConfigInSync')!.message).toContain('did not come back');
  expect(held.status!.settings!.effective.electionTimeoutMs).toBe(1000);
  const [first, ...others] = world.pods.map(({ metadata }) => metadata.uid);
  await expect(
    operator.until(() => world.pods[0]!.metadata.uid !== first, 'another try', 10),
  ).rejects.toThrow('another try');
  expect(world.pods.slice(1).map(({ metadata }) => metadata.uid)).toEqual(others);

  // Others are tried.
  await declare({ replicas: 3, consensus: { electionTimeoutMs: 1100 } });
  await operator.until(
    (cluster) => settled(3)(cluster) && cluster.status?.settings?.effective.electionTimeoutMs === 1100,
    'other settings',
  );
});

test('a status and a record that are lost begin nothing anew', async () => {
  begin(everlasting);
  await declare({ replicas: 3 });
  const { clusterId } = (await operator.until(settled(3), 'a cluster of 3')).status!;
  operator.stop();
  const { metadata } = (await scene.client.get(RESOURCES.clusters, {
    namespace: scene.namespace,
    name: 'sample',
  }))!;
  const record = { namespace: scene.namespace, name: namesOf('sample').record };
  const before = (await scene.client.get(RESOURCES.configMaps, record))!.data;
  await scene.client.delete(RESOURCES.configMaps, record);
  const bare = { ...sampleCluster({ replicas: 3 }), metadata, status: {} } as AegisCluster;
  await scene.client.apply(RESOURCES.clusters, bare, { subresource: 'status' });
  const again = await operator.until(settled(3), 'the same cluster');
  expect(again.status!.clusterId).toBe(clusterId);
  expect(world.voters.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect((await scene.client.get(RESOURCES.configMaps, record))!.data).toEqual(before);
});

test('volumes of an earlier cluster are taken over only when that is asked for', async () => {
  begin(everlasting);
  await declare({ replicas: 3 });
  const first = await operator.until(settled(3), 'a cluster of 3');
  operator.stop();
  // As Kubernetes' collector: all goes but the volumes.
  await scene.client.delete(RESOURCES.clusters, first.metadata);
  for (const collection of scene.server!.storage.collections)
    if (!collection.endsWith('persistentvolumeclaims'))
      for (const { metadata } of scene.server!.storage.list(collection))
        scene.server!.storage.delete(collection, metadata);

  await declare({ replicas: 3 });
  const refused = await operator.until((cluster) => is(cluster, 'VolumesExist', 'True'), 'a refusal');
  expect(condition(refused, 'VolumesExist')!.message).toContain('adoptVolumes');
  expect(world.pods).toEqual([]);

  await declare({ replicas: 3, adoptVolumes: true });
  const adopted = await operator.until(settled(3), 'the cluster with its data');
  expect(adopted.status!.clusterId).toBe(first.status!.clusterId);
  expect(world.voters.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test('paused, nothing is changed; what there is, is shown', async () => {
  begin(everlasting);
  await declare({ replicas: 3 });
  await operator.until(settled(3), 'a cluster of 3');
  const before = world.pods.map(({ metadata }) => metadata.uid);
  await declare({ replicas: 5, paused: true, consensus: { electionTimeoutMs: 1200 } });
  const paused = await operator.until(
    (cluster) => condition(cluster, 'Progressing')?.reason === 'Paused',
    'a pause',
  );
  for (let turn = 0; turn < 5; turn++) await operator.until(() => true, 'a look');
  expect(world.pods.map(({ metadata }) => metadata.uid)).toEqual(before);
  expect(is(paused, 'Available', 'True')).toBe(true);
});

test('an object of that name that is not ours is left alone, and said', async () => {
  begin(everlasting);
  const name = namesOf('sample').clientService;
  const theirs = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: scene.namespace } };
  await scene.client.create(RESOURCES.services, { ...theirs, spec: { selector: { app: 'theirs' } } });
  await declare({ replicas: 3 });
  const stopped = await operator.until((cluster) => is(cluster, 'Degraded', 'True'), 'a complaint');
  expect(condition(stopped, 'Degraded')).toMatchObject({
    reason: 'NameTaken',
    message: expect.stringContaining(name),
  });
  const kept = await scene.client.get(RESOURCES.services, { namespace: scene.namespace, name });
  expect(kept!.spec!.selector).toEqual({ app: 'theirs' });
  expect(world.pods).toEqual([]);
});

test('what stands in the way of one object of a running cluster does not keep its members from being mended', async () => {
  begin(everlasting);
  await declare({ replicas: 3 });
  await operator.until(settled(3), 'a cluster of 3');
  const ref = { namespace: scene.namespace, name: namesOf('sample').clientService };
  await scene.client.delete(RESOURCES.services, ref);
  await scene.client.create(RESOURCES.services, { apiVersion: 'v1', kind: 'Service', metadata: ref });
  world.loseVolume(0);
  const mended = await operator.until(
    (cluster) => settled(3)(cluster) && world.members.every(({ id }) => id !== 1),
    'a new member for a lost volume',
  );
  expect(condition(mended, 'Degraded')).toMatchObject({ status: 'True', reason: 'NameTaken' });
});

test('volumes grow: first those that are there, then a new StatefulSet around the same pods', async () => {
  begin(() => 1);
  await declare({ replicas: 3, storage: { size: '1Gi' } });
  await operator.until(settled(3), 'a cluster of 3');
  const before = world.pods.map(({ metadata }) => metadata.uid);
  const ref = { namespace: scene.namespace, name: 'sample' };
  const first = await scene.client.get(RESOURCES.statefulSets, ref);
  await declare({ replicas: 3, storage: { size: '2Gi' } });
  type Claim = {
    readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
  };
  const sizeOf = (claim: Claim | undefined) => claim?.spec?.resources?.requests?.storage;
  const claimsOf = (): readonly Claim[] => scene.server!.storage.list('/persistentvolumeclaims') as Claim[];
  const setOf = () => scene.server!.storage.get('apps/statefulsets', ref) as StatefulSet | undefined;
  await operator.until(
    (cluster) =>
      settled(3)(cluster) &&
      claimsOf().every((claim) => sizeOf(claim) === '2Gi') &&
      sizeOf(setOf()?.spec?.volumeClaimTemplates?.[0]) === '2Gi',
    'larger volumes',
  );
  expect(setOf()!.metadata.uid).not.toBe(first!.metadata.uid);
  expect(world.pods.map(({ metadata }) => metadata.uid)).toEqual(before);
});

test('a ServiceMonitor is made where it is asked for, and goes again', async () => {
  begin(everlasting);
  await declare({ replicas: 1, monitoring: { serviceMonitor: { enabled: true } } });
  await operator.until(settled(1), 'a cluster of 1');
  const ref = { namespace: scene.namespace, name: namesOf('sample').serviceMonitor };
  expect((await scene.client.get(RESOURCES.serviceMonitors, ref))?.spec.endpoints).toHaveLength(1);
  await declare({ replicas: 1 });
  for (let look = 0; look < 20; look++) await operator.until(() => true, 'a look');
  expect(await scene.client.get(RESOURCES.serviceMonitors, ref)).toBeUndefined();
});

/** One number after the other, over and over. */
function rotating(...numbers: readonly number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length]!;
}
