import { Load } from '../../load/load.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { throughCrashes } from './crash-points.js';

/** A step takes as long as a Secret needs to every pod: the kubelet takes its time. */
const STEP_MS_MAX = 180_000;
/** A rotation has some five steps. */
const ROUNDS_MAX = 4;

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

export const authorityIsReplaced: Case = {
  name: 'a new authority takes over, the operator killed meanwhile: no member restarts, a connected client sees no error; the old certificate is refused, the new one is good',
  waits: true,
  async run(stage) {
    const { kubectl, note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const pods = await cluster.podUids();
    const old = await secretOf(stage, cluster);
    const kept = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'old' }, data: old.data };
    await kubectl.apply([kept], cluster.here);

    const sinceMs = Date.now();
    const authorities = new Set<number>();
    let before = bundleOf(old);
    const killed = await throughCrashes(
      stage,
      cluster,
      async (round) => {
        if (round > 0) await cluster.untilCalm(READY_MS_MAX);
        before = bundleOf(await secretOf(stage, cluster));
        const asked = [`aegis.dev/rotate-authority=${Date.now()}`, 'aegis.dev/authority-overlap=0s'];
        await kubectl.run('annotate', '--overwrite', 'aegiscluster', cluster.name, cluster.here, ...asked);
      },
      {
        over: async () => {
          const bundle = bundleOf(await secretOf(stage, cluster));
          authorities.add(countOf(bundle));
          return countOf(bundle) === 1 && bundle !== before;
        },
        rounds: ROUNDS_MAX,
        stepMsMax: STEP_MS_MAX,
      },
    );
    note(
      `in ${seconds(Date.now() - sinceMs)}, the operator killed after ${killed.join(' and ')}; ` +
        `authorities believed at once: ${[...authorities].join(', then ')}`,
    );
    expect(authorities.has(2), 'there was no time at which both authorities were believed');
    await cluster.untilCalm(READY_MS_MAX);
    expect((await cluster.podUids()) === pods, 'members were restarted');
    const { failures, longestGap, held } = await load.report(sinceMs);
    note(
      `the connected client: ${longestGap.ms} ms without a write at most, errors: ${failures.length}, the lock ${held.valid ? 'held' : 'lost'}`,
    );
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await load.expectNothingLost();

    // It holds the lock that the next one wants.
    await load.stop();
    const fresh = await cluster.startLoad('fresh');
    await fresh.stop();
    const endpoints = [`${cluster.name}-client.${cluster.namespace}.svc:4410`];
    const of = { endpoints, secret: 'old', namespace: cluster.namespace, name: 'stale' };
    const stale = await Load.start(stage, of).then(
      () => 'let in',
      (error: Error) => error.message,
    );
    expect(/not within/.test(stale), `a client with the old certificate: ${stale}`);
    note('a new client with the new certificate is let in, one with the old certificate is not');
  },
};

function secretOf({ kubectl }: Stage, { name, here }: RunningCluster): Promise<Secret> {
  return kubectl.get<Secret>('secret', `${name}-client`, here);
}

function bundleOf({ data }: Secret): string {
  return Buffer.from(data['ca.crt']!, 'base64').toString();
}

function countOf(bundle: string): number {
  return bundle.split('BEGIN CERTIFICATE').length - 1;
}
