import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { READY_MS_MAX, RunningCluster, SMALL } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { throughCrashes } from './crash-points.js';

/** Some changes have few steps, so that they are made more than once. */
const ROUNDS_MAX = 10;

/** The changes that no other case makes while the operator is killed. */
export const operatorIsKilledInEveryChange: Case = {
  name: 'the operator is killed while a cluster is created, rolled, and its volumes grow: each ends right, nothing acknowledged is lost',
  async run(stage) {
    const { kubectl, note } = stage;
    await startOperator(stage);
    const cluster = new RunningCluster(stage, 'locks');
    const through = async (
      what: string,
      change: (round: number) => Promise<unknown>,
      undo?: () => Promise<unknown>,
    ): Promise<void> => {
      const sinceMs = Date.now();
      const killed = await throughCrashes(stage, cluster, change, {
        rounds: ROUNDS_MAX,
        ...(undo && { undo }),
      });
      note(`${what} in ${seconds(Date.now() - sinceMs)}; killed after ${killed.join(' and ')}`);
    };
    await through(
      'created',
      () => cluster.apply({ ...SMALL, replicas: 3 }),
      () => cluster.deleteWhole(READY_MS_MAX),
    );
    const load = await cluster.startLoad();
    const sinceMs = Date.now();
    const before = await cluster.podUids();
    await through('rolled', (round) =>
      cluster.change({ consensus: { heartbeatIntervalMs: 120 + 5 * round } }),
    );
    expect((await cluster.podUids()) !== before, 'nothing was restarted');
    let size = '1Gi';
    await through('volumes grown', (round) =>
      cluster.change({ storage: { size: (size = `${round + 2}Gi`) } }),
    );
    const sizes = await kubectl.run(
      'get',
      'pvc',
      cluster.here,
      '--output=jsonpath={.items[*].spec.resources.requests.storage}',
    );
    expect(sizes === `${size} ${size} ${size}`, `the volumes have ${sizes}, not ${size}`);
    const { failures, longestGap } = await load.report(sinceMs);
    note(`${longestGap.ms} ms without a write at most, errors: ${failures.length}`);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    const { acknowledged } = await load.expectNothingLost();
    note(`${acknowledged} acknowledged writes, all there`);
  },
};
