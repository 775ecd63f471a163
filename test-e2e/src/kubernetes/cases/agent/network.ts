import { eventually } from '../../../harness/clock.js';
import { connects } from '../../load/exec.js';
import { type Case, expect } from '../case.js';
import { PORTS, RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { ask, startWeb } from '../web.js';

const ENFORCED_MS_MAX = 30_000;
const PROBE = 'web-0';

export const networkReachesMetricsAlone: Case = {
  name: "of a member's ports the network reaches metrics alone, unless a policy lists the caller",
  skip: ({ own }) =>
    own === undefined ? 'whether a given cluster enforces policies is not known' : undefined,
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 1, network: { policy: false } });
    await startWeb(stage, 1);
    const [member] = await cluster.pods();
    const host = member!.status.podIP!;
    const open = async (): Promise<readonly string[]> => {
      const names: string[] = [];
      for (const [name, port] of Object.entries(PORTS))
        if (await connects(stage, PROBE, host, port)) names.push(name);
      return names;
    };
    // Otherwise a port that nobody listens on would pass for one that is guarded.
    const without = await open();
    stage.note(`without a policy a pod of the namespace reaches: ${without.join(', ')}`);
    expect(without.length === 3, `only ${without.join(', ')} can be reached without a policy`);

    await cluster.change({ network: { policy: true, clients: [{ podLabels: { role: 'application' } }] } });
    await eventually('the policy enforced', ENFORCED_MS_MAX, async () =>
      (await connects(stage, PROBE, host, PORTS.client)) ? undefined : true,
    );
    const within = await open();
    stage.note(`with the policy of the cluster: ${within.join(', ')}`);
    expect(within.join() === 'metrics', `reached: ${within.join(', ')}`);
    const metrics = await ask(stage, PROBE, `${host}:${PORTS.metrics}/metrics`);
    expect(/aegis_has_leader/.test(metrics ?? ''), 'the metrics cannot be read');

    await stage.kubectl.run('label', 'pod', PROBE, 'role=application', cluster.here);
    await eventually('a listed caller let in', ENFORCED_MS_MAX, async () =>
      (await connects(stage, PROBE, host, PORTS.client)) ? true : undefined,
    );
    const listed = await open();
    stage.note(`as a listed caller: ${listed.join(', ')}`);
    expect(listed.join() === 'client,metrics', `reached: ${listed.join(', ')}`);
    // The operator is let in by its own rule.
    await cluster.untilCalm(ENFORCED_MS_MAX);
  },
};
