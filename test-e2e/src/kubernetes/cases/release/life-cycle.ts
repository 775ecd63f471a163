import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '../../../harness/clock.js';
import { chart } from '../../helm.js';
import { aegisIn } from '../../load/exec.js';
import { type Case, expect, type Stage } from '../case.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said } from '../clusters/running.js';
import { installOperator, OPERATOR, startOperator } from './operator.js';

const NEXT = '0.2.0';
const GONE_MS_MAX = 60_000;

export const releaseLivesOn: Case = {
  name: 'helm upgrade to the next version; uninstall keeps definitions, clusters and volumes; a new cluster says VolumesExist, and with adoptVolumes finds the data',
  async run(stage) {
    const { kubectl, helm, namespace, note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const endpoints = `${cluster.name}-client.${namespace}.svc:4410`;
    const aegis = async (...words: string[]): Promise<string> => {
      const { status, stdout, stderr } = await aegisIn(stage, namespace, 'load', endpoints, words);
      expect(status === 0, `aegis ${words.join(' ')}: ${stderr}`);
      return stdout;
    };
    await aegis('kv', 'put', 'kept', 'through it all');
    const pods = await cluster.podUids();

    const sinceMs = Date.now();
    await upgrade(stage);
    const releases = await helm.run(['list', '--namespace', OPERATOR.namespace]);
    expect(releases.includes(`aegis-operator-${NEXT}`), releases);
    await cluster.untilCalm(READY_MS_MAX);
    expect((await cluster.podUids()) === pods, 'an upgrade of the operator restarted members');
    note(
      `upgraded to ${NEXT}: the same pods, errors of the client: ${(await load.report(sinceMs)).failures.length}`,
    );

    await helm.uninstall(OPERATOR.release, OPERATOR.namespace);
    const definitions = await kubectl.run('get', 'customresourcedefinitions', '--output=name');
    expect(/aegisclusters\.aegis\.dev/.test(definitions), 'the definitions went with the release');
    expect((await cluster.get()).metadata.name === cluster.name, 'the cluster went with the release');
    const { failures } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    await load.expectNothingLost();
    await load.stop();
    note('uninstalled: the definitions and the cluster are there, which goes on serving');

    await cluster.delete();
    await eventually('its pods collected', GONE_MS_MAX, async () =>
      (await cluster.pods()).length === 0 ? true : undefined,
    );
    const claims = (await kubectl.run('get', 'pvc', cluster.here, '--output=name')).trim().split('\n');
    expect(claims.length === 3, `volumes: ${claims.join(' ')}`);
    await startOperator(stage);
    const again = new RunningCluster(stage, cluster.name);
    await again.apply({ replicas: 3, storage: { size: '1Gi' } });
    const stopped = await again.until(
      'VolumesExist',
      READY_MS_MAX,
      (seen) => conditionOf(seen, 'VolumesExist')?.status === 'True',
    );
    expect((await again.pods()).length === 0, 'it was begun all the same');
    note(`created again: VolumesExist ${said(stopped, 'VolumesExist').slice(0, 200)}`);
    await again.change({ adoptVolumes: true });
    await again.untilCalm(READY_MS_MAX);
    await again.startLoad();
    expect((await aegis('kv', 'get', 'kept')).includes('through it all'), 'what was written is gone');
    note('with adoptVolumes: what was written before is there');
  },
};

/** The same chart under its next version. */
async function upgrade(stage: Stage): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-chart-'));
  try {
    const next = join(folder, 'aegis-operator');
    cpSync(chart('aegis-operator'), next, { recursive: true });
    const file = join(next, 'Chart.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^version: .*$/m, `version: ${NEXT}`));
    await installOperator(stage, next);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { namespace, name } = OPERATOR;
  await stage.kubectl.run(
    'rollout',
    'status',
    `deployment/${name}`,
    `--namespace=${namespace}`,
    '--timeout=90s',
  );
}
