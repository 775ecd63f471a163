import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { UnsafeSettingsError } from '@aegis/client';
import type { AegisCluster } from '@aegis/crds';
import type { SharedSettings } from '@aegis/proto/v1/cluster';
import { resolveSettings, type ConsensusSettings } from '@aegis/replica/settings';
import { buildSettings } from '../../build/settings.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Pod } from '../../observe/look.js';
import type { LeaderSeen } from '../../observe/membership.js';
import { sampleCluster } from '../../testing/cluster.js';
import { startContext, type TestContext } from '../../testing/context.js';
import { startScene, until, type Scene } from '../../testing/scene.js';
import { reconcileShared, sharedNow } from './shared.js';

const CREDENTIALS = { ca: 'ca', cert: 'cert', key: 'key' };
const DEFAULTS = resolveSettings('all');

let scene: Scene;
let context: TestContext;
let cluster: AegisCluster;
/** In the log, in order. */
let commands: SharedSettings[];
let inForce: SharedSettings;
let refusal: Error | undefined;

beforeEach(async () => {
  scene = await startScene();
  commands = [];
  refusal = undefined;
  inForce = shared(DEFAULTS);
  const sample = sampleCluster({ profile: 'all' });
  cluster = { ...sample, metadata: { ...sample.metadata, namespace: scene.namespace } };
  context = await startContext(scene, {
    setSettings: (_at, _credentials, settings) => {
      if (refusal !== undefined) return Promise.reject(refusal);
      commands.push(settings);
      inForce = settings;
      return Promise.resolve({ settings, changed: true });
    },
  });
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

function shared({ leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes }: ConsensusSettings) {
  return { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes };
}

/** Pods that run these settings, as their ConfigMaps have them. */
async function running(...each: ConsensusSettings[]): Promise<Pod[]> {
  const pods: Pod[] = [];
  for (const [at, settings] of each.entries()) {
    const map = buildSettings(cluster, settings);
    const { name } = map.metadata;
    await scene.client.apply(RESOURCES.configMaps, map);
    await until(
      () =>
        context.caches.configMaps.get(map.metadata)?.data?.['settings.yaml'] === map.data!['settings.yaml'],
      name,
    );
    const volumes = [{ name: 'settings', configMap: { name } }];
    pods.push({ metadata: { name: `sample-${at}` }, spec: { containers: [], volumes } } as unknown as Pod);
  }
  return pods;
}

function look(pods: readonly Pod[], target: ConsensusSettings, of: AegisCluster = cluster) {
  const leader = {
    pod: { address: { ip: '127.0.0.1', serverName: 'sample-0' } },
    status: { settings: inForce },
  } as unknown as LeaderSeen;
  return reconcileShared(context, of, { credentials: CREDENTIALS, leader, pods, target });
}

test('settings of leases change at the leader, once, and nothing of a pod does', async () => {
  const target = { ...DEFAULTS, leaseMinTtlMs: 3_000, leaseExpiryPerTick: 50 };
  const pods = await running(target, target);
  expect(await look(pods, target)).toEqual({ inForce: true });
  expect(await look(pods, target)).toEqual({ inForce: true });
  expect(commands).toEqual([shared(target)]);
  expect(context.events).toEqual([
    {
      type: 'Normal',
      reason: 'SettingsChanged',
      message:
        'changed leaseMinTtlMs from 2000 to 3000, leaseExpiryPerTick from 1000 to 50, by a command in the log: nothing restarts',
    },
  ]);
});

test('in a roll the shortest lease rises before the first restart, and falls after the last', async () => {
  const slow = { ...DEFAULTS, electionTimeoutMs: 2_000, leaseMinTtlMs: 3_000 };
  const [old, fresh] = await running(DEFAULTS, slow);
  // Up: at once.
  expect(await look([old!, old!], slow)).toEqual({ inForce: true });
  expect(commands.map(({ leaseMinTtlMs }) => leaseMinTtlMs)).toEqual([3_000]);
  expect(await look([old!, fresh!], slow)).toEqual({ inForce: true });
  // Down: not before everybody is quick again.
  expect(await look([fresh!, fresh!], DEFAULTS)).toEqual({ inForce: false, againAfterMs: 1_000 });
  expect(await look([old!, fresh!], DEFAULTS)).toEqual({ inForce: false, againAfterMs: 1_000 });
  expect(commands).toHaveLength(1);
  expect(await look([old!, old!], DEFAULTS)).toEqual({ inForce: true });
  expect(commands.map(({ leaseMinTtlMs }) => leaseMinTtlMs)).toEqual([3_000, 2_000]);
});

test('the quota and the number of expiries wait for no roll', () => {
  const target = { ...DEFAULTS, electionTimeoutMs: 1_200, kvQuotaBytes: 2 ** 21, leaseExpiryPerTick: 7 };
  expect(sharedNow(cluster, [DEFAULTS, target], target)).toEqual(shared(target));
});

test('a refusal is told, with the rule; paused, nothing is asked', async () => {
  const target = { ...DEFAULTS, leaseMaxTtlMs: 60_000 };
  const pods = await running(target);
  const paused = { ...cluster, spec: { ...cluster.spec, paused: true } };
  expect(await look(pods, target, paused)).toEqual({ inForce: false });
  expect(commands).toEqual([]);
  refusal = new UnsafeSettingsError('UNSAFE_SETTINGS', 'rule lease-range', {
    retryable: false,
    definite: true,
  });
  await expect(look(pods, target)).rejects.toMatchObject({
    reason: 'SettingsRefused',
    message: expect.stringContaining('rule lease-range'),
  });
});

test('without a leader, or with one that does not know of it, nothing is concluded', async () => {
  const pods = await running(DEFAULTS);
  const target = { ...DEFAULTS, leaseMaxTtlMs: 60_000 };
  const parts = { credentials: CREDENTIALS, pods, target };
  expect(await reconcileShared(context, cluster, { ...parts, leader: undefined })).toEqual({ inForce: true });
  expect(commands).toEqual([]);
});
