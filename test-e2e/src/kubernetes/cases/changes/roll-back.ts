import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { HealthWatch } from '../faults/health-watch.js';
import { startOperator } from '../release/operator.js';

/** A member has 60 s to come back; then the operator acts. */
const TAKEN_BACK_MS_MAX = 150_000;
const NEW_MS = 120;
const OLD_MS = 100;

/** Cuts one pod off from everybody, so that it runs and never catches up: as a setting would that it cannot live with. */
const cutOff = (ordinal: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'cut-off' },
  spec: {
    podSelector: {
      matchLabels: { 'apps.kubernetes.io/pod-index': ordinal, 'app.kubernetes.io/name': 'aegis' },
    },
    policyTypes: ['Ingress', 'Egress'],
  },
});

export const settingIsTakenBack: Case = {
  name: 'a setting under which the first member does not catch up: the roll stops, says why, and the old setting comes back by itself',
  waits: true,
  skip: ({ own }) =>
    own === undefined ? 'whether a given cluster enforces policies is not known' : undefined,
  async run(stage) {
    const { kubectl, note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3, network: { policy: false } });
    const load = await cluster.startLoad();
    const watch = HealthWatch.start(cluster);
    const sinceMs = Date.now();
    await cluster.change({ consensus: { heartbeatIntervalMs: NEW_MS } });
    const first = await eventually('the first restart', READY_MS_MAX, () => watch.restarts[0]);
    await kubectl.apply([cutOff(first.pod.split('-').at(-1)!)], cluster.here);
    const back = await cluster.until(
      'the old setting wanted again',
      TAKEN_BACK_MS_MAX,
      (seen) => conditionOf(seen, 'ConfigInSync')?.reason === 'RolledBack',
    );
    note(`after ${seconds(Date.now() - sinceMs)}: ConfigInSync ${said(back, 'ConfigInSync').slice(0, 300)}`);
    await kubectl.run('delete', 'networkpolicy', 'cut-off', cluster.here);
    const whole = await cluster.until(
      'all ready under the old setting',
      READY_MS_MAX,
      (seen) => seen.status?.readyReplicas === 3 && conditionOf(seen, 'Progressing')?.status === 'False',
    );
    const { effective } = whole.status!.settings!;
    expect(effective.heartbeatIntervalMs === OLD_MS, `the members run ${effective.heartbeatIntervalMs} ms`);
    const touched = new Set((await watch.stop()).restarts.map(({ pod }) => pod));
    expect(touched.size === 1, `restarted: ${[...touched].join(', ')}`);
    const { failures, longestGap } = await load.report(sinceMs);
    note(
      `only ${first.pod} was restarted; ${longestGap.ms} ms without a write at most, errors: ${failures.length}`,
    );
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    // Another setting is another try.
    await cluster.change({ consensus: { heartbeatIntervalMs: 110 } });
    await cluster.untilCalm(READY_MS_MAX);
    await load.expectNothingLost();
  },
};
