import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { degraded } from './bad-input.js';

const SAID_MS_MAX = 90_000;

export const rubbishSecretIsSaid: Case = {
  name: "the members' Secret is overwritten with rubbish: members go on with what they have, and it is mended or said",
  waits: true,
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const pods = await cluster.podUids();
    const sinceMs = Date.now();
    const data = { 'tls.crt': Buffer.from('rubbish').toString('base64') };
    const patch = `--patch=${JSON.stringify({ data })}`;
    await stage.kubectl.run('patch', 'secret', `${cluster.name}-member`, cluster.here, '--type=merge', patch);
    const outcome = await eventually('mended, or said', SAID_MS_MAX, async () => {
      const { data: now } = await stage.kubectl.get<{ data: Record<string, string> }>(
        'secret',
        `${cluster.name}-member`,
        cluster.here,
      );
      if (Buffer.from(now['tls.crt']!, 'base64').includes('BEGIN CERTIFICATE'))
        return 'the operator wrote a certificate again';
      const seen = await cluster.get();
      return conditionOf(seen, 'Degraded')?.status === 'True'
        ? `Degraded ${said(seen, 'Degraded')}`
        : undefined;
    });
    stage.note(`after ${seconds(Date.now() - sinceMs)}: ${outcome}`);
    await sleep(10_000);
    expect((await cluster.podUids()) === pods, 'members were restarted');
    const { failures } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await load.expectNothingLost();
  },
};

export const rubbishAuthorityIsSaid: Case = {
  name: "the authority's Secret is overwritten with rubbish: the status says what is wrong and what to do, members and clients go on; restored, all is well",
  waits: true,
  async run(stage) {
    const { kubectl } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const pods = await cluster.podUids();
    const name = `${cluster.name}-authority`;
    const { data } = await kubectl.get<{ data: Record<string, string> }>('secret', name, cluster.here);
    const write = (fields: Readonly<Record<string, string>>): Promise<string> => {
      const patch = `--patch=${JSON.stringify({ data: fields })}`;
      return kubectl.run('patch', 'secret', name, cluster.here, '--type=merge', patch);
    };
    const rubbish = Buffer.from('rubbish').toString('base64');
    const sinceMs = Date.now();
    await write(Object.fromEntries(Object.keys(data).map((field) => [field, rubbish])));
    await degraded(cluster, /AuthorityInvalid: .*restore it, or delete it/);
    expect((await cluster.podUids()) === pods, 'members were restarted');
    const { failures } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await write(data);
    await cluster.untilCalm(READY_MS_MAX);
    expect((await cluster.podUids()) === pods, 'members were restarted');
    await load.expectNothingLost();
  },
};
