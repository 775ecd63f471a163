import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { HealthWatch } from '../faults/health-watch.js';
import { startOperator } from '../release/operator.js';

const GAP_MS_MAX = 1_000;
const FIRST_MS_MAX = 30_000;
const ALL_MS_MAX = 120_000;
/** Longer than a member that does not come back is waited for. */
const STOPPED_MS_MAX = 180_000;

export const memberSettingRolls: Case = {
  name: 'a per-member setting is changed: restarts one at a time, the leader last; a client writing all through sees no error and no gap of 1 s',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 5 });
    const load = await cluster.startLoad();
    const leader = await cluster.leader();
    const watch = HealthWatch.start(cluster);
    const sinceMs = Date.now();
    await cluster.change({ consensus: { heartbeatIntervalMs: 120 } });
    const after = await cluster.until(
      'the setting in effect everywhere',
      ALL_MS_MAX * 2,
      (seen) =>
        conditionOf(seen, 'ConfigInSync')?.status === 'True' &&
        seen.status?.settings?.effective.heartbeatIntervalMs === 120 &&
        seen.status.readyReplicas === 5,
    );
    const tookMs = Date.now() - sinceMs;
    const { restarts, fewestReady } = await watch.stop();
    const order = restarts.map(({ pod }) => pod);
    const firstMs = (restarts[0]?.atMs ?? Infinity) - sinceMs;
    stage.note(
      `restarted: ${order.join(', ')}; ${leader} led; the first after ${seconds(firstMs)}, all after ${seconds(tookMs)}`,
    );
    stage.note(`source ${after.status?.settings?.source.kind}; never fewer than ${fewestReady} of 5 ready`);
    expect(new Set(order).size === 5 && order.length === 5, `restarted ${order.join(', ')}`);
    expect(order.at(-1) === leader, `${order.at(-1)} was restarted last, and ${leader} led`);
    expect(fewestReady >= 4, `only ${fewestReady} members were ready`);
    const { longestGap, failures } = await load.report(sinceMs);
    stage.note(
      `the longest time without an acknowledged write ${longestGap.ms} ms, errors: ${failures.length}`,
    );
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    expect(longestGap.ms < GAP_MS_MAX, `${longestGap.ms} ms without an acknowledged write`);
    expect(
      firstMs < FIRST_MS_MAX && tookMs < ALL_MS_MAX,
      `the first after ${firstMs} ms, all after ${tookMs} ms`,
    );
    const { acknowledged } = await load.expectNothingLost();
    stage.note(`${acknowledged} acknowledged writes, all there; the lock is still held`);
  },
};

export const leaseSettingIsLive: Case = {
  name: 'a lease setting is changed: it is in effect within seconds, and no pod restarts',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const watch = HealthWatch.start(cluster);
    const sinceMs = Date.now();
    await cluster.change({ consensus: { leaseMinTtlMs: 4000 } });
    await cluster.until(
      'the setting in effect',
      FIRST_MS_MAX,
      (seen) =>
        conditionOf(seen, 'ConfigInSync')?.status === 'True' &&
        seen.status?.settings?.effective.leaseMinTtlMs === 4000,
    );
    stage.note(`in effect after ${seconds(Date.now() - sinceMs)}`);
    const said = await load.grant(3_000);
    expect(/LEASE_TTL|TTL/i.test(said), `a lease of 3 s was ${said === '' ? 'granted' : said}`);
    stage.note(`a lease of 3 s: ${said}`);
    const { restarts } = await watch.stop();
    expect(restarts.length === 0, `restarted: ${restarts.map(({ pod }) => pod).join(', ')}`);
    await load.expectNothingLost();
  },
};

export const badRollStops: Case = {
  name: 'a change that keeps the first member from coming back: the roll stops there, says why, and what ran before comes back',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const watch = HealthWatch.start(cluster);
    const sinceMs = Date.now();
    // A member cannot begin with so little memory, whatever its settings.
    await cluster.change({ resources: { limits: { memory: '32Mi' }, requests: { memory: '32Mi' } } });
    const stopped = await cluster.until(
      'the roll stopped, with the reason',
      STOPPED_MS_MAX,
      (seen) =>
        ['RollHeldUp', 'RolledBack'].includes(conditionOf(seen, 'Degraded')?.reason ?? '') ||
        conditionOf(seen, 'Degraded')?.reason === 'CrashLoopBackOff',
    );
    stage.note(`after ${seconds(Date.now() - sinceMs)}: Degraded ${said(stopped, 'Degraded').slice(0, 300)}`);
    const { restarts } = await watch.stop();
    const touched = new Set(restarts.map(({ pod }) => pod));
    expect(touched.size <= 1, `restarted: ${[...touched].join(', ')}`);
    const { failures } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await cluster.change({ resources: { limits: { memory: '1Gi' }, requests: { memory: '128Mi' } } });
    await cluster.untilCalm(READY_MS_MAX);
    await load.expectNothingLost();
  },
};
