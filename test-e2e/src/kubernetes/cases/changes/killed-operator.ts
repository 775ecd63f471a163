import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { RunningCluster, SMALL } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { throughCrashes } from './crash-points.js';

/** Volumes grow in few steps, so that they grow more than once. */
const GROWTHS_MAX = 10;

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
      rounds = 1,
    ): Promise<void> => {
      const sinceMs = Date.now();
      const killed = await throughCrashes(stage, cluster, change, { rounds });
      note(`${what} in ${seconds(Date.now() - sinceMs)}; killed after ${killed.join(' and ')}`);
    };
    await through('created', () => cluster.apply({ ...SMALL, replicas: 3 }));
    const load = await cluster.startLoad();
    const sinceMs = Date.now();
    const before = await cluster.podUids();
    await through('rolled', () => cluster.change({ consensus: { heartbeatIntervalMs: 120 } }));
    expect((await cluster.podUids()) !== before, 'nothing was restarted');
    let size = '1Gi';
    await through(
      'volumes grown',
      (round) => cluster.change({ storage: { size: (size = `${round + 2}Gi`) } }),
      GROWTHS_MAX,
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
