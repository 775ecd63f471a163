import { afterEach, expect, test } from '@jest/globals';
import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import { namesOf } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import { RESOURCES } from '../kube/resource.js';
import { sampleCluster } from '../testing/cluster.js';
import { MortalOperator } from '../testing/life.js';
import { RicherKubernetes } from '../testing/richer-kubernetes.js';
import { startScene, type Scene } from '../testing/scene.js';

const DIGEST = 'ab'.repeat(32);
const FROM_BACKUP = { claimName: 'files', path: 'monday.aegis', digest: DIGEST };

let scene: Scene;
let operator: MortalOperator;
afterEach(async () => {
  operator.stop();
  await scene.end();
});

async function begin(writes: () => number): Promise<RicherKubernetes> {
  scene = await startScene();
  const world = new RicherKubernetes(scene.server!, scene.namespace, 'sample');
  operator = new MortalOperator(scene, world, `${scene.namespace}/sample`, writes);
  return world;
}

async function declare(spec: Parameters<typeof sampleCluster>[0]): Promise<void> {
  const metadata = { name: 'sample', namespace: scene.namespace };
  await scene.client.apply(RESOURCES.clusters, { ...sampleCluster(spec), metadata });
}

const settled = (size: number) => (cluster: AegisCluster) =>
  cluster.status?.conditions?.find(({ type }) => type === 'Progressing')?.reason === 'AsWanted' &&
  cluster.status.conditions.find(({ type }) => type === 'ConfigInSync')?.status === 'True' &&
  cluster.status.readyReplicas === size;

test.each([
  ['never dies', () => Infinity],
  ['dies after each single change', () => 1],
])(
  'from a backup, with an operator that %s: the first member is restored, the others join it',
  async (_, writes) => {
    const world = await begin(writes);
    await declare({ replicas: 3, bootstrap: { fromBackup: FROM_BACKUP } });
    await operator.until(settled(3), 'a cluster of 3');
    const record = await scene.client.get(RESOURCES.configMaps, {
      namespace: scene.namespace,
      name: namesOf('sample').record,
    });
    // One first member, which is in the volume that was restored; nobody else may begin.
    const nonce = world.nonceIn(0);
    expect(JSON.parse(record!.data![RECORD_FILE]!)).toMatchObject({
      backup: DIGEST,
      members: [{ id: 1, nonce }],
    });
    expect(world.members.map(({ id, name, state }) => `${id} ${name} ${state}`).sort()).toEqual([
      '1 sample-0 voter',
      '2 sample-1 voter',
      '3 sample-2 voter',
    ]);
    expect(world.quorumLost).toEqual([]);
    expect(scene.server!.storage.list('batch/jobs')).toEqual([]);
    // Begun, it is never restored again.
    const { restores } = world;
    for (let look = 0; look < 5; look++) await operator.until(() => true, 'a look');
    expect(world.restores).toBe(restores);
  },
  60_000,
);

test.each([
  ['never dies', () => Infinity],
  ['dies after each single change', () => 1],
])(
  'settings of the whole cluster, with an operator that %s: one command a change, and no pod is made anew',
  async (_, writes) => {
    const world = await begin(writes);
    world.shared = resolvedShared({});
    await declare({ replicas: 3 });
    await operator.until(settled(3), 'a cluster of 3');
    const before = world.pods.map(({ metadata }) => metadata.uid);
    for (const leaseMinTtlMs of [3_000, 4_000, 2_500]) {
      await declare({ replicas: 3, consensus: { leaseMinTtlMs } });
      await operator.until(
        (cluster) =>
          settled(3)(cluster) && cluster.status?.settings?.effective.leaseMinTtlMs === leaseMinTtlMs,
        `${leaseMinTtlMs} ms`,
      );
      expect(world.shared).toEqual(resolvedShared({ leaseMinTtlMs }));
    }
    expect(world.commands.map(({ leaseMinTtlMs }) => leaseMinTtlMs)).toEqual([3_000, 4_000, 2_500]);
    expect(world.pods.map(({ metadata }) => metadata.uid)).toEqual(before);
  },
  60_000,
);

function resolvedShared(given: Parameters<typeof resolveSettings>[1]) {
  const { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes } = resolveSettings('all', given);
  return { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes };
}
