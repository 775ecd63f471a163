import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AegisCluster } from '@aegis/crds';
import { isRollSafe, resolveSettings, type ConsensusSettings } from '@aegis/replica/settings';
import { buildPodTemplate } from '../../build/pod.js';
import { buildSettings } from '../../build/settings.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Pod } from '../../observe/look.js';
import { sampleCluster } from '../../testing/cluster.js';
import { startContext, type TestContext } from '../../testing/context.js';
import { startScene, until, type Scene } from '../../testing/scene.js';
import { planSettings } from './plan.js';
import { wantedSettings } from './wanted.js';

let scene: Scene;
let context: TestContext;
beforeEach(async () => {
  scene = await startScene();
  context = await startContext(scene, {});
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

function clusterWith(
  consensus: Partial<ConsensusSettings>,
  settings?: NonNullable<AegisCluster['status']>['settings'],
): AegisCluster {
  const cluster = sampleCluster({ consensus });
  const metadata = { ...cluster.metadata, namespace: scene.namespace };
  return { ...cluster, metadata, ...(settings === undefined ? {} : { status: { settings } }) };
}

/** A pod that runs these, by its ConfigMap. @param data instead of what the operator writes */
async function running(cluster: AegisCluster, settings: ConsensusSettings, data?: string): Promise<Pod> {
  const built = buildSettings(cluster, settings);
  const map = data === undefined ? built : { ...built, data: { 'settings.yaml': data } };
  await scene.client.apply(RESOURCES.configMaps, map);
  await until(() => context.caches.configMaps.get(map.metadata) !== undefined, 'the ConfigMap is seen');
  const settingsName = map.metadata.name;
  const template = buildPodTemplate(cluster, { memberImage: 'aegis:1', settingsName });
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sample-0' }, spec: template.spec! };
}

const plan = async (cluster: AegisCluster, pods: readonly Pod[]) =>
  planSettings(context, cluster, pods, await wantedSettings(context, cluster));

test('a change that old and new members cannot bear side by side is made in two stages', async () => {
  const slow = { heartbeatIntervalMs: 1_000, electionTimeoutMs: 10_000, leaseMinTtlMs: 15_000 };
  const quick = resolveSettings('all', { electionTimeoutMs: 1_000 });
  const cluster = clusterWith(slow);
  const wanted = resolveSettings('all', slow);
  expect(isRollSafe(quick, wanted)).toBe(false);
  const first = await plan(cluster, [await running(cluster, quick)]);
  expect(first.settings).toEqual(wanted);
  expect(first.target).not.toEqual(wanted);
  expect(isRollSafe(quick, first.target) && isRollSafe(first.target, wanted)).toBe(true);
  const second = await plan(cluster, [await running(cluster, first.target)]);
  expect(second.target).toBe(second.settings);
});

test('what is unsafe is not given to members, though it stands in the spec: what runs goes on', async () => {
  const effective = resolveSettings('all', { electionTimeoutMs: 1_200 });
  const cluster = clusterWith(
    { electionTimeoutMs: 400, heartbeatIntervalMs: 100 },
    { effective, source: { kind: 'Spec' } },
  );
  const { target, held, asked } = await plan(cluster, [await running(cluster, effective)]);
  expect(target).toEqual(effective);
  expect(asked.electionTimeoutMs).toBe(400);
  expect(held).toMatchObject({ status: 'False', reason: 'UnsafeSettings' });
  expect(held!.message).toContain('election-over-heartbeat');
});

test('what was healthy last is never refused', async () => {
  const lastHealthy = resolveSettings('all', { electionTimeoutMs: 400 });
  const source = { kind: 'Spec' } as const;
  const cluster = clusterWith({ electionTimeoutMs: 400 }, { effective: lastHealthy, source, lastHealthy });
  const { target, held, proven } = await plan(cluster, []);
  expect([target, held, proven]).toEqual([lastHealthy, undefined, true]);
});

test('a field that nobody knows is not taken over, and a ConfigMap that somebody broke stops nothing', async () => {
  const cluster = clusterWith({ electionTimeout: 1 } as unknown as Partial<ConsensusSettings>);
  const pod = await running(cluster, resolveSettings('all'), 'spec: {{');
  const { target, held } = await plan(cluster, [pod]);
  expect(target).toEqual(resolveSettings('all'));
  expect(held).toMatchObject({
    reason: 'InvalidSettings',
    message: expect.stringContaining('electionTimeout'),
  });
});
