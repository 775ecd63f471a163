import { setTimeout as sleep } from 'node:timers/promises';

import type { Load } from '../../load/load.js';
import { seconds } from '../../progress.js';
import { expectBound } from '../bounds.js';
import { type Case, expect, type Stage } from '../case.js';
import { READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { HealthWatch } from './health-watch.js';

/** From the loss of the leader to the next acknowledged write. */
const GAP_MS_MAX = 3_000;
/** After it, so that what comes late is seen too. */
const SETTLED_MS = 5_000;

export const leaderPodIsKilled: Case = {
  name: "the leader's pod is deleted at once: the next write within 3 s, a client keeps its lock and token, and all members come back",
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 5 });
    const load = await cluster.startLoad();
    const before = await load.report(0);
    const leader = await cluster.leader();
    const sinceMs = Date.now();
    await stage.kubectl.run('delete', 'pod', leader, cluster.here, '--grace-period=0', '--force');
    await sleep(SETTLED_MS);
    await expectUnharmed(stage, load, sinceMs, before.held.token, `${leader} deleted`);
    await cluster.untilCalm(READY_MS_MAX);
    const next = await cluster.leader();
    stage.note(`${next} leads; all five are ready again ${seconds(Date.now() - sinceMs)} after`);
    const { acknowledged } = await load.expectNothingLost();
    stage.note(`${acknowledged} acknowledged writes, all there`);
  },
};

export const leaderNodeIsDrained: Case = {
  name: "the leader's node is drained: the same, and never are two members down",
  skip: ({ own }) => (own === undefined ? 'the nodes of a given cluster are not ours to drain' : undefined),
  async run(stage) {
    const { kubectl } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 5 });
    const load = await cluster.startLoad();
    const before = await load.report(0);
    const leader = await cluster.leader();
    const pods = await cluster.pods();
    const node = pods.find(({ metadata }) => metadata.name === leader)!.spec.nodeName!;
    const moving = pods.filter(({ spec }) => spec.nodeName === node).length;
    const watch = HealthWatch.start(cluster);
    const sinceMs = Date.now();
    try {
      const only = `--pod-selector=aegis.dev/cluster=${cluster.name}`;
      await kubectl.run(
        'drain',
        node,
        '--delete-emptydir-data',
        '--ignore-daemonsets',
        '--timeout=115s',
        only,
      );
      await cluster.untilCalm(READY_MS_MAX);
    } finally {
      await kubectl.run('uncordon', node);
    }
    const { fewestReady } = await watch.stop();
    stage.note(
      `${node} drained of ${moving} members in ${seconds(Date.now() - sinceMs)}; never fewer than ${fewestReady} of 5 ready`,
    );
    expect(fewestReady >= 4, `only ${fewestReady} of 5 members were ready`);
    await expectUnharmed(stage, load, sinceMs, before.held.token, `${node} drained`);
    const { acknowledged } = await load.expectNothingLost();
    stage.note(`${acknowledged} acknowledged writes, all there`);
  },
};

async function expectUnharmed(
  { note }: Stage,
  load: Load,
  sinceMs: number,
  token: number,
  what: string,
): Promise<void> {
  const { longestGap, failures, held } = await load.report(sinceMs);
  note(
    `${what}: the longest time without an acknowledged write ${longestGap.ms} ms, errors: ${failures.length}`,
  );
  expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
  expect(
    held.valid && held.token === token,
    `the lock was held with token ${token}, now ${JSON.stringify(held)}`,
  );
  note(`the lock is held with the token ${token} as before`);
  expectBound(longestGap.ms < GAP_MS_MAX, `${longestGap.ms} ms without an acknowledged write`);
}
