import { setTimeout as sleep } from 'node:timers/promises';

import type { Sample } from '../../../harness/metrics-page.js';
import type { Kubectl } from '../../kubectl.js';
import { type Case, expect } from '../case.js';
import { RunningCluster } from '../clusters/running.js';
import { OPERATOR, startOperator } from '../release/operator.js';
import { scrape, valueOf } from '../scrape.js';
import type { Pod } from '../web.js';

/** As many as two cores run besides a Kubernetes; more only wait for each other. */
const CLUSTERS = 16;
const READY_MS_MAX = 420_000;
const LASTS_MS = 600_000;
const LOOK_EVERY_MS = 15_000;
/** Before it, what was needed to begin may not have been collected yet. */
const SETTLED_LOOKS = 4;
const GROWTH_MAX = 1.15;
const MIB = 1024 * 1024;

/** What it costs to look after many clusters that want nothing. */
export const operatorAtRest: Case = {
  name: `the operator looks after ${CLUSTERS} clusters of one replica for 10 minutes: its memory stays flat`,
  skip: () =>
    process.env['AEGIS_E2E_FULL'] === undefined ? 'it takes more than ten minutes: make e2e-full' : undefined,
  async run(stage) {
    await startOperator(stage);
    const spec = {
      replicas: 1,
      storage: { size: '1Gi' },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
    };
    const clusters = Array.from(
      { length: CLUSTERS },
      (_, index) => new RunningCluster(stage, `one-${index + 1}`),
    );
    for (const cluster of clusters) await cluster.apply(spec);
    await Promise.all(clusters.map((cluster) => cluster.untilCalm(READY_MS_MAX)));
    const pod = await workingPod(stage.kubectl);
    const begin = await scrapeOperator(stage.kubectl, pod);
    const memory: number[] = [];
    for (const endMs = Date.now() + LASTS_MS; Date.now() < endMs;) {
      await sleep(LOOK_EVERY_MS);
      memory.push(valueOf(await scrapeOperator(stage.kubectl, pod), 'process_resident_memory_bytes'));
    }
    const end = await scrapeOperator(stage.kubectl, pod);
    const grown = (name: string): number => valueOf(end, name) - valueOf(begin, name);
    const minutes = LASTS_MS / 60_000;
    const settled = memory.slice(SETTLED_LOOKS);
    const [early, late] = [mean(settled.slice(0, 8)), mean(settled.slice(-8))];
    stage.note(
      `memory: ${mib(memory[0]!)} at first, ${mib(early)} early, ${mib(late)} late, ${mib(Math.max(...memory))} at most`,
    );
    stage.note(
      `requests to the API at rest: ${(grown('aegis_operator_api_requests_total') / minutes).toFixed(1)} a minute`,
    );
    stage.note(
      `looks: ${(grown('aegis_operator_reconcile_duration_seconds_count') / minutes).toFixed(1)} a minute, 99 % of them within ${quantile(begin, end, 0.99)} s`,
    );
    stage.note(
      `CPU: ${((grown('process_cpu_seconds_total') / (LASTS_MS / 1000)) * 100).toFixed(1)} % of a core`,
    );
    expect(late < early * GROWTH_MAX, `the memory grew from ${mib(early)} to ${mib(late)}`);
  },
};

/** The pod of the operator that was elected. */
async function workingPod(kubectl: Kubectl): Promise<string> {
  const labels = '--selector=app.kubernetes.io/name=aegis-operator';
  const { items } = await kubectl.get<{ items: Pod[] }>('pods', `--namespace=${OPERATOR.namespace}`, labels);
  for (const { metadata } of items)
    if (valueOf(await scrapeOperator(kubectl, metadata.name), 'aegis_operator_leading') === 1)
      return metadata.name;
  throw new Error('none of the operators is elected');
}

function scrapeOperator(kubectl: Kubectl, pod: string): Promise<readonly Sample[]> {
  return scrape(kubectl, { namespace: OPERATOR.namespace, pod, port: 8080 });
}

/** The bound of the histogram's bucket below which so many of the looks between two scrapes ended. */
function quantile(begin: readonly Sample[], end: readonly Sample[], part: number): string {
  const name = 'aegis_operator_reconcile_duration_seconds_bucket';
  const at = (samples: readonly Sample[], le: string): number =>
    samples.find((sample) => sample.name === name && sample.labels['le'] === le)?.value ?? 0;
  const bounds = end.flatMap((sample) => (sample.name === name ? [sample.labels['le']!] : []));
  const all = at(end, '+Inf') - at(begin, '+Inf');
  return bounds.find((le) => at(end, le) - at(begin, le) >= all * part) ?? '+Inf';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
