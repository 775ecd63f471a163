import type { AegisLease, Condition } from '@aegis/crds';

import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';

/** Declared locks are asked for every 5 s. */
const SEEN_MS_MAX = 20_000;
/** The lock that the client of a load holds all the time. */
const HELD = 'held';

export const declaredLocksAreMirrored: Case = {
  name: 'an AegisLease shows who holds its lock and with which token, says what is not as declared, and is not deleted while it is held',
  waits: true,
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 1 });
    await declare(stage, 'orders', cluster.name, { key: HELD });
    await declare(stage, 'nowhere', 'no-such-cluster', { key: HELD });
    await until(stage, 'orders', 'free', ({ status }) => said(status, 'PolicyKept')?.reason === 'Free');
    const orphan = await until(
      stage,
      'nowhere',
      'its cluster not found',
      ({ status }) => said(status, 'Observed')?.reason === 'ClusterNotFound',
    );
    stage.note(`of no cluster: ${said(orphan.status, 'Observed')!.message}`);

    const sinceMs = Date.now();
    const load = await cluster.startLoad();
    const { held } = await load.report(0);
    const seen = await until(stage, 'orders', 'held', ({ status }) => status?.holderCount === 1);
    stage.note(
      `the holder of token ${held.token} is shown ${seconds(Date.now() - sinceMs)} after its pod was made`,
    );
    const [holder] = seen.status!.holders!;
    expect(holder!.fencingToken === held.token, `shown with token ${holder!.fencingToken}`);
    expect(seen.status!.newestToken === held.token, `the newest token is ${seen.status!.newestToken}`);
    expect(said(seen.status, 'PolicyKept')?.reason === 'Kept', JSON.stringify(seen.status!.conditions));

    await declare(stage, 'otherwise', cluster.name, { key: HELD, mode: 'Shared' });
    const other = await until(
      stage,
      'otherwise',
      'declared twice',
      ({ status }) => said(status, 'PolicyKept')?.reason === 'DeclaredTwice',
    );
    stage.note(`declared otherwise: ${said(other.status, 'PolicyKept')!.message}`);

    const here = `--namespace=${stage.namespace}`;
    const refused = await stage.kubectl.try(['delete', 'aegislease', 'orders', here, '--wait=false']);
    expect(refused.status !== 0, 'a declaration was deleted while its lock is held');
    expect(refused.stderr.includes('aegis.dev/delete-while-held'), refused.stderr);
    stage.note(`deletion: ${refused.stderr.trim().slice(0, 240)}`);
    await stage.kubectl.run('annotate', 'aegislease', 'orders', here, 'aegis.dev/delete-while-held=true');
    await stage.kubectl.run('delete', 'aegislease', 'orders', here, '--timeout=20s');
    await stage.kubectl.run('delete', 'aegislease', 'nowhere', here, '--timeout=20s');
    await load.expectNothingLost();
  },
};

async function declare(
  { kubectl, namespace }: Stage,
  name: string,
  cluster: string,
  spec: Partial<AegisLease['spec']>,
): Promise<void> {
  const kind = { apiVersion: 'aegis.dev/v1alpha1', kind: 'AegisLease' };
  const object = { ...kind, metadata: { name }, spec: { clusterRef: { name: cluster }, ...spec } };
  await kubectl.apply([object], `--namespace=${namespace}`);
}

function until(
  { kubectl, namespace }: Stage,
  name: string,
  what: string,
  holds: (lease: AegisLease) => boolean,
): Promise<AegisLease> {
  return eventually(
    `the AegisLease ${name}: ${what}`,
    SEEN_MS_MAX,
    async () => {
      const lease = await kubectl.get<AegisLease>('aegislease', name, `--namespace=${namespace}`);
      return holds(lease) ? lease : undefined;
    },
    200,
  );
}

function said(status: AegisLease['status'], type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
