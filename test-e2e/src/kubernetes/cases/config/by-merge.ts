import { documentOf, PATH, Scene } from '../../../config-source/scene.js';
import { type Forge, startForge } from '../../../forge/index.js';
import { NETWORK } from '../../machines/network.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { conditionOf, isCalm, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';

/** Where and as what the scene's document has the cluster. */
const CLUSTER = { namespace: 'shop', name: 'orders' } as const;
const POLL_SECONDS = 10;
/** Cases beside this one kill the operator, and the next one works when the lease of the last is over. */
const TAKEN_MS_MAX = 120_000;
const SECRET = 'forge';

/** Settings of leases: they change without a restart, so that each step takes seconds. */
const settings = (leaseMinTtlMs: number): string => documentOf({ leaseMinTtlMs });

export const settingsByMerge: Case = {
  name: 'settings by merge on a forge: what a person merged runs, with its commit, request and merger; what came otherwise is refused with its reason; a revert restores',
  waits: true,
  skip: ({ own }) =>
    own === undefined
      ? 'the forge runs on this machine, where pods of a given cluster do not reach it'
      : undefined,
  async run(stage) {
    await startOperator(stage);
    const forge = await startForge(NETWORK.here);
    try {
      await stage.kubectl.run('create', 'namespace', CLUSTER.namespace);
      await follow(stage, forge);
    } finally {
      await stage.kubectl.try(['delete', 'namespace', CLUSTER.namespace, '--wait=false']);
      await forge.close();
    }
  },
};

async function follow(stage: Stage, forge: Forge): Promise<void> {
  const scene = await Scene.begin(forge, 'settings');
  const { ada, agent, owner } = scene.people;
  const bot = forge.identities.app('merger');
  scene.repository.roles.set(bot.login, 'write');
  const first = await scene.merge(settings(3000));

  const cluster = new RunningCluster({ ...stage, namespace: CLUSTER.namespace }, CLUSTER.name);
  const token = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET },
    stringData: { token: owner.token },
  };
  await stage.kubectl.apply([token], cluster.here);
  const { repository, branch, path, apiUrl } = scene.source;
  const configSource = { repository, branch, path, apiUrl, secretName: SECRET, pollSeconds: POLL_SECONDS };
  await cluster.apply({ replicas: 3, storage: { size: '1Gi' }, configSource });
  const calm = await cluster.untilCalm(READY_MS_MAX);
  const source = calm.status!.settings!.source;
  expect(
    source.kind === 'Merge' &&
      source.commit === first.sha &&
      source.pullRequest === first.number &&
      source.mergedBy === ada.login,
    `the settings come from ${JSON.stringify(source)}`,
  );
  stage.note(
    `begun with commit ${source.commit?.slice(0, 10)}, request ${source.pullRequest}, merged by ${source.mergedBy}`,
  );
  const load = await cluster.startLoad();
  const pods = await cluster.podUids();

  const takes = async (what: string, ttlMs: number, work: () => Promise<unknown>): Promise<void> => {
    const sinceMs = Date.now();
    await work();
    await cluster.until(
      `${what}: ${ttlMs} ms`,
      TAKEN_MS_MAX,
      (seen) => seen.status?.settings?.effective.leaseMinTtlMs === ttlMs && isCalm(seen),
    );
    const refused = await load.grant(ttlMs - 500);
    expect(refused !== '', `a lease of ${ttlMs - 500} ms is granted`);
    stage.note(`${what}: runs after ${seconds(Date.now() - sinceMs)}`);
  };
  const refuses = async (what: string, reason: string, work: () => Promise<unknown>): Promise<void> => {
    await work();
    const seen = await cluster.until(
      `${what} refused`,
      TAKEN_MS_MAX,
      (now) => conditionOf(now, 'ConfigInSync')?.reason === reason,
    );
    const { effective } = seen.status!.settings!;
    expect(effective.leaseMinTtlMs === 4000, `${what} took effect: ${effective.leaseMinTtlMs}`);
    stage.note(`${what}: ${said(seen, 'ConfigInSync').slice(0, 160)}`);
  };
  const restore = async (): Promise<void> => {
    await scene.merge(settings(4000));
    await cluster.until(
      'in sync again',
      TAKEN_MS_MAX,
      (seen) => conditionOf(seen, 'ConfigInSync')?.status === 'True',
    );
  };

  await takes('a merged change', 4000, () => scene.merge(settings(4000)));
  await refuses('merged by the agent', 'MergedByAgent', () => scene.merge(settings(5000), { merger: agent }));
  await restore();
  await refuses('merged by another bot', 'MergedByBot', () => scene.merge(settings(5000), { merger: bot }));
  await restore();
  await refuses('a direct push', 'DirectPush', () => scene.push(settings(5000)));
  await restore();
  await refuses('unsafe settings', 'UnsafeSettings', () => scene.merge(settings(1000)));
  await restore();
  await refuses('a duplicate document', 'DuplicateDocument', () =>
    scene.merge(`${settings(4000)}---\n${settings(5000)}`),
  );
  await restore();
  await takes('another merged change', 5000, () => scene.merge(settings(5000)));
  await takes('its revert', 4000, () => scene.merge(settings(4000)));
  await refuses('a rewritten history', 'HistoryRewritten', async () => {
    await scene.repository.git.setRef('refs/heads/main', first.sha);
    await scene.repository.push(owner, 'main', { [PATH]: settings(5000) }, 'Rewrite');
  });
  expect((await cluster.podUids()) === pods, 'members were restarted for settings of leases');
  const { failures } = await load.report(0);
  expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
  await load.expectNothingLost();
}
