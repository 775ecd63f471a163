import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { expectBound } from '../bounds.js';
import { type Case, expect } from '../case.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { HealthWatch } from '../faults/health-watch.js';
import { startOperator } from '../release/operator.js';
import { scrape, valueOf } from '../scrape.js';

const GAP_MS_MAX = 1_000;
const FIRST_MS_MAX = 30_000;
const ALL_MS_MAX = 120_000;
/** Longer than a member that does not come back is waited for. */
const STOPPED_MS_MAX = 180_000;
const METRICS_PORT = 4412;
const QUIET_EVERY_MS = 500;
/** After so many looks with the same figures nothing is on its way any more. */
const QUIET_LOOKS = 6;

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
    expectBound(longestGap.ms < GAP_MS_MAX, `${longestGap.ms} ms without an acknowledged write`);
    expectBound(
      firstMs < FIRST_MS_MAX && tookMs < ALL_MS_MAX,
      `the first after ${firstMs} ms, all after ${tookMs} ms`,
    );
    const { acknowledged } = await load.expectNothingLost();
    stage.note(`${acknowledged} acknowledged writes, all there; the lock is still held`);
  },
};

export const leaseSettingIsLive: Case = {
  name: 'a lease setting is changed: it is in effect within seconds, by one command in the log, and no pod restarts',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const watch = HealthWatch.start(cluster);
    // While nobody else asks for anything, every command can be counted.
    const before = await quiet(cluster);
    await changeLeaseMin(cluster, 3_500);
    const after = await quiet(cluster);
    const commands = after.map((count, index) => count - before[index]!);
    stage.note(`commands that the members applied for a change: ${commands.join(', ')}`);
    expect(
      commands.length === 3 && commands.every((count) => count === 1),
      `the members applied ${commands.join(', ')} commands`,
    );
    const load = await cluster.startLoad();
    const sinceMs = Date.now();
    await changeLeaseMin(cluster, 4_000);
    stage.note(`under load in effect after ${seconds(Date.now() - sinceMs)}`);
    const said = await load.grant(3_000);
    expect(/LEASE_TTL|TTL/i.test(said), `a lease of 3 s was ${said === '' ? 'granted' : said}`);
    stage.note(`a lease of 3 s: ${said}`);
    const { restarts } = await watch.stop();
    expect(restarts.length === 0, `restarted: ${restarts.map(({ pod }) => pod).join(', ')}`);
    await load.expectNothingLost();
  },
};

async function changeLeaseMin(cluster: RunningCluster, leaseMinTtlMs: number): Promise<void> {
  await cluster.change({ consensus: { leaseMinTtlMs } });
  await cluster.until(
    'the setting in effect',
    FIRST_MS_MAX,
    (seen) =>
      conditionOf(seen, 'ConfigInSync')?.status === 'True' &&
      seen.status?.settings?.effective.leaseMinTtlMs === leaseMinTtlMs,
  );
}

/** How many commands each member has applied, once none came for a while and all have applied the same log. */
async function quiet(cluster: RunningCluster): Promise<readonly number[]> {
  const { stage, namespace } = cluster;
  let last = '';
  let same = 0;
  const look = async (): Promise<readonly number[] | undefined> => {
    const pages = [];
    for (const { metadata } of await cluster.pods())
      pages.push(await scrape(stage.kubectl, { namespace, pod: metadata.name, port: METRICS_PORT }));
    const counts = pages.map((page) => valueOf(page, 'aegis_commands_applied_total'));
    const indexes = pages.map((page) => valueOf(page, 'aegis_proposals_applied_index'));
    const now = JSON.stringify([counts, indexes]);
    same = now === last ? same + 1 : 0;
    last = now;
    return same >= QUIET_LOOKS && new Set(indexes).size === 1 ? counts : undefined;
  };
  return eventually('no more commands', READY_MS_MAX, look, QUIET_EVERY_MS);
}

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
