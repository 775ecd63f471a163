import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

import { incident, recommendation } from '../../../crds/objects.js';
import { eventually } from '../../../harness/clock.js';
import { seconds } from '../../progress.js';
import { expectBound } from '../bounds.js';
import { type Case, expect } from '../case.js';
import { startOperator } from '../release/operator.js';
import { conditionOf, isCalm, RunningCluster } from './running.js';

/** What the README tells people to apply. */
const SAMPLE = join(import.meta.dirname, '../../../../../docs/examples/cluster.yaml');
const AVAILABLE_MS_MAX = 60_000;

export const sampleBecomesACluster: Case = {
  name: 'helm install, then the sample of the README as it stands: five pods ready and Available within 60 s, and columns that say so',
  async run(stage) {
    const { kubectl, namespace, note } = stage;
    const installMs = performance.now();
    await startOperator(stage);
    note(`the operator is ready ${seconds(performance.now() - installMs)} after helm install`);
    const here = `--namespace=${namespace}`;
    const cluster = new RunningCluster(stage, sampleName());
    const appliedMs = performance.now();
    await kubectl.run('apply', '--filename', SAMPLE, here);
    await cluster.until(
      'five members ready, and available',
      AVAILABLE_MS_MAX * 2,
      (seen) => conditionOf(seen, 'Available')?.status === 'True' && seen.status?.readyReplicas === 5,
    );
    const tookMs = performance.now() - appliedMs;
    note(`five members ready and Available=True ${seconds(tookMs)} after kubectl apply`);
    expectBound(tookMs < AVAILABLE_MS_MAX, `it took ${seconds(tookMs)}`);
    await cluster.until('calm', AVAILABLE_MS_MAX, isCalm);
    const nodes = new Set((await cluster.pods()).map(({ spec }) => spec.nodeName));
    note(`on the nodes ${[...nodes].join(', ')}`);

    const others = [incident(), recommendation()].map((object) => ({
      ...object,
      metadata: { ...object.metadata, namespace },
    }));
    await kubectl.apply(others);
    await eventually('a lease that was looked at', AVAILABLE_MS_MAX, async () => {
      const rows = await kubectl.run('get', 'aegisleases', here, '--no-headers');
      return /nightly-report/.test(rows) ? true : undefined;
    });
    for (const kind of ['aegisclusters', 'aegisleases', 'incidents', 'recommendations']) {
      const [header, row] = (await kubectl.run('get', kind, here)).split('\n');
      expect((header ?? '').split(/\s{2,}/).length > 3 && row !== '', `${kind}: ${header}`);
      note(header!.trimEnd());
      note(row!.trimEnd());
    }
  },
};

function sampleName(): string {
  const [first] = parseAllDocuments(readFileSync(SAMPLE, 'utf8'));
  return (first!.toJS() as { metadata: { name: string } }).metadata.name;
}
