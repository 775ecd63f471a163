import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { conditionOf, isCalm, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { OPERATOR, startOperator } from '../release/operator.js';
import { DNS_META } from '../../addons/dns.js';

const SAID_MS_MAX = 90_000;
const GONE_MS_MAX = 90_000;
const AWAY_MS = 60_000;

/** Waits until the cluster says that something is wrong, and notes in which words. */
export async function degraded(cluster: RunningCluster, reason: RegExp): Promise<void> {
  const sinceMs = Date.now();
  const seen = await cluster.until(`Degraded with ${reason}`, SAID_MS_MAX, (now) => {
    const condition = conditionOf(now, 'Degraded');
    return condition?.status === 'True' && reason.test(`${condition.reason}: ${condition.message}`);
  });
  const words = said(seen, 'Degraded').slice(0, 240);
  cluster.stage.note(`after ${seconds(Date.now() - sinceMs)}: Degraded ${words}`);
}

export const missingImageStops: Case = {
  name: 'an image that does not exist: one member is touched, the status says which and what to do, the others serve; the right image mends it',
  waits: true,
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const before = new Map((await cluster.pods()).map(({ metadata }) => [metadata.name, metadata.uid]));
    const sinceMs = Date.now();
    await cluster.change({ image: { reference: 'aegis.test/none:1', pullPolicy: 'Never' } });
    await degraded(cluster, /Image/);
    const touched = (await cluster.pods()).filter(
      ({ metadata }) => before.get(metadata.name) !== metadata.uid,
    );
    expect(touched.length === 1, `${touched.length} members were touched`);
    const { failures, longestGap } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    stage.note(`${longestGap.ms} ms without a write at most, errors: 0`);
    await cluster.change({ image: { reference: stage.image, pullPolicy: 'IfNotPresent' } });
    await cluster.untilCalm(READY_MS_MAX);
    await load.expectNothingLost();
  },
};

export const unboundVolumeIsSaid: Case = {
  name: 'a storage class that does not exist: the status says that no volume is bound, and where to look',
  waits: true,
  async run(stage) {
    await startOperator(stage);
    const cluster = new RunningCluster(stage, 'locks');
    await cluster.apply({ replicas: 1, storage: { size: '1Gi', className: 'none' } });
    await degraded(cluster, /Volume|Unschedulable|PodNotStarting/);
  },
};

export const deletedMidRoll: Case = {
  name: 'an AegisCluster is deleted in the middle of a roll: all that it owned goes, its volumes stay',
  waits: true,
  async run(stage) {
    const { kubectl } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const before = await cluster.podUids();
    await cluster.change({ consensus: { heartbeatIntervalMs: 120 } });
    await eventually('the first restart', READY_MS_MAX, async () =>
      (await cluster.podUids()) === before ? undefined : true,
    );
    await cluster.delete();
    const kinds = 'statefulsets,pods,services,secrets,configmaps,poddisruptionbudgets,networkpolicies';
    const labels = `--selector=aegis.dev/cluster=${cluster.name}`;
    await eventually('nothing of it left', GONE_MS_MAX, async () =>
      (await kubectl.run('get', kinds, cluster.here, labels, '--output=name')) === '' ? true : undefined,
    );
    const claims = (await kubectl.run('get', 'pvc', cluster.here, '--output=name')).trim().split('\n');
    stage.note(`left: ${claims.join(', ')}`);
    expect(claims.length === 3, `volumes: ${claims.join(' ')}`);
  },
};

export const namespaceGoesWithoutOperator: Case = {
  name: 'a namespace is deleted while no operator runs: it goes, with the cluster in it',
  async run(stage) {
    const { kubectl } = stage;
    await startOperator(stage);
    const namespace = `${stage.namespace}-gone`;
    await kubectl.run('create', 'namespace', namespace);
    await RunningCluster.create({ ...stage, namespace }, { replicas: 1 });
    const { name, namespace: ofOperator } = OPERATOR;
    const scale = (replicas: number) =>
      kubectl.run('scale', 'deployment', name, `--namespace=${ofOperator}`, `--replicas=${replicas}`);
    await scale(0);
    try {
      const startMs = performance.now();
      await kubectl.run('delete', 'namespace', namespace, '--timeout=90s');
      stage.note(`gone after ${seconds(performance.now() - startMs)}`);
    } finally {
      await scale(2);
    }
  },
};

export const sameNameTwice: Case = {
  name: 'two clusters of one name in two namespaces have nothing in common',
  waits: true,
  async run(stage) {
    const { kubectl } = stage;
    await startOperator(stage);
    const namespace = `${stage.namespace}-other`;
    await kubectl.run('create', 'namespace', namespace);
    try {
      const [one, other] = await Promise.all([
        RunningCluster.create(stage, { replicas: 1 }),
        RunningCluster.create({ ...stage, namespace }, { replicas: 1 }),
      ]);
      const ids = [(await one.get()).status!.clusterId!, (await other.get()).status!.clusterId!];
      expect(ids[0] !== ids[1], `both have the id ${ids[0]}`);
      await one.delete();
      await eventually('one gone', GONE_MS_MAX, async () =>
        (await one.pods()).length === 0 ? true : undefined,
      );
      expect(isCalm(await other.get()), 'the other suffers');
      stage.note(`${ids.join(' and ')}; one is deleted, the other goes on`);
    } finally {
      await kubectl.run('delete', 'namespace', namespace, '--wait=false');
    }
  },
};

export const apiServerAwayAMinute: Case = {
  name: 'the API server is away for a minute, and afterwards no names are answered: the cluster serves, no member restarts, and its size changes',
  skip: ({ own }: Stage) =>
    own === undefined ? 'the API server of a given cluster is not ours to kill' : undefined,
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const pods = await cluster.podUids();
    const sinceMs = Date.now();
    await stage.own!.plane.api.away(AWAY_MS);
    const { failures, longestGap } = await load.report(sinceMs);
    stage.note(`${longestGap.ms} ms without a write at most, errors: ${failures.length}`);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await cluster.untilCalm(READY_MS_MAX);
    expect((await cluster.podUids()) === pods, 'members were restarted');
    // Whether anybody looks after it again shows when something changes: clients must find the leader that remains.
    await withoutNames(stage, async () => {
      const changedMs = Date.now();
      await cluster.change({ replicas: 1 });
      await cluster.untilCalm(READY_MS_MAX);
      stage.note(
        `back, it looks after the cluster again: 3 to 1 members in ${seconds(Date.now() - changedMs)}`,
      );
      await load.expectNothingLost();
      const whole = await load.report(sinceMs);
      stage.note(`${whole.longestGap.ms} ms without a write at most, errors: ${whole.failures.length}`);
      expect(whole.failures.length === 0, `the client saw ${JSON.stringify(whole.failures[0])}`);
    });
  },
};

/** While it runs, nobody in the cluster learns where a host is. */
async function withoutNames({ kubectl }: Stage, run: () => Promise<void>): Promise<void> {
  const scale = (replicas: number) =>
    kubectl.run(
      'scale',
      'deployment',
      DNS_META.name,
      `--namespace=${DNS_META.namespace}`,
      `--replicas=${replicas}`,
    );
  await scale(0);
  try {
    await eventually('no pod that answers names', GONE_MS_MAX, async () =>
      (await kubectl.run(
        'get',
        'pods',
        `--namespace=${DNS_META.namespace}`,
        '--selector=k8s-app=kube-dns',
        '--output=name',
      )) === ''
        ? true
        : undefined,
    );
    await run();
  } finally {
    await scale(2);
    await kubectl.run(
      'rollout',
      'status',
      `deployment/${DNS_META.name}`,
      `--namespace=${DNS_META.namespace}`,
      '--timeout=60s',
    );
  }
}
