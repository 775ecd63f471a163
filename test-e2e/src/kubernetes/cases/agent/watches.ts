import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { OPERATOR } from '../release/operator.js';
import { ask, startWeb } from '../web.js';
import { incidentsIn, withAgent } from './agent.js';

const DASHBOARD = `${OPERATOR.dashboard}.${OPERATOR.namespace}:4400`;
const WATCHES_MS_MAX = 60_000;
/** What is usual has to be seen before what is not. */
const USUAL_MS = 40_000;
/** As the trace `leaders-killed-in-a-row`. */
const KILLS = 5;
const KILL_EVERY_MS = 8_000;
const INCIDENT_MS_MAX = 60_000;
/** An incident is watched for half a minute before it is worked on. */
const CAUSES_MS_MAX = 90_000;

export const agentWatches: Case = {
  name: 'the agent watches from its pod: the dashboard shows the cluster, and leaders that die in a row become an Incident with its cause',
  run: (stage) => withAgent(stage, {}, () => watched(stage)),
};

async function watched(stage: Stage): Promise<void> {
  const { kubectl, note, namespace } = stage;
  const cluster = await RunningCluster.create(stage, { replicas: 5 });
  await startWeb(stage, 1);
  const shown = `${DASHBOARD}/clusters/${namespace}/${cluster.name}`;
  const live = await eventually('the dashboard showing the cluster', WATCHES_MS_MAX, async () => {
    const roles = await rolesOf(stage, shown);
    return roles?.filter((role) => role === 'follower').length === 4 ? roles : undefined;
  });
  expect(live.includes('leader'), `the dashboard shows ${live.join()}`);
  expect((await ask(stage, 'web-0', `${shown}/`))?.includes('/page/main.js') === true, 'there is no page');
  note(`the dashboard shows ${live.join(', ')}`);

  await cluster.startLoad();
  await sleep(USUAL_MS);
  const sinceMs = Date.now();
  for (let kill = 0; kill < KILLS; kill++) {
    const leader = await cluster.leader();
    await kubectl.run('delete', 'pod', leader, cluster.here, '--grace-period=0', '--force');
    await sleep(KILL_EVERY_MS);
  }
  const incident = await eventually(
    'an Incident',
    INCIDENT_MS_MAX,
    async () => (await incidentsIn(stage))[0],
  );
  note(
    `${incident.spec.class} since ${incident.spec.onsetTime}, seen at ${incident.spec.detectedTime}; the first leader was killed at ${new Date(sinceMs).toISOString()}`,
  );
  const explained = await eventually('its causes', CAUSES_MS_MAX, async () =>
    (await incidentsIn(stage)).find(({ status }) => (status?.causes ?? []).length > 0),
  );
  const [first] = explained.status!.causes!;
  note(`${JSON.stringify(explained.status!.causes)} ${seconds(Date.now() - sinceMs)} after the first kill`);
  expect(first!.kind === 'Killed', `the first cause is ${first!.kind}`);
  expect((explained.status!.recommendations ?? []).length === 0, 'no setting helps, and one is proposed');
  await cluster.untilCalm(READY_MS_MAX);
}

/** What the dashboard's stream says of each member; undefined: nothing within two seconds. */
async function rolesOf({ kubectl, namespace }: Stage, shown: string): Promise<readonly string[] | undefined> {
  const script = `
    const answer = await fetch('http://${shown}/api/live', { signal: AbortSignal.timeout(2_000) });
    let said = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      said += piece;
      const found = said.match(/^event: live\\ndata: (.*)$/gm)?.[1];
      if (found === undefined) continue;
      const { replicas } = JSON.parse(found.slice(found.indexOf('{')));
      process.stdout.write(replicas.map(({ role }) => role).join());
      process.exit(0);
    }`;
  const argv = [
    'exec',
    'web-0',
    `--namespace=${namespace}`,
    '--',
    'node',
    '--input-type=module',
    '-e',
    script,
  ];
  const { status, stdout } = await kubectl.try(argv);
  return status === 0 && stdout !== '' ? stdout.split(',') : undefined;
}
