import { eventually } from '../../harness/clock.js';
import { type Case, expect } from './case.js';
import { pods, startWeb } from './web.js';

/** Two pods of five may be away, and no more: a drain waits for that. */
const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
};
const MOVED_MS_MAX = 60_000;

/** A drain evicts one pod after the other, as the budget allows; they come back elsewhere with their volumes. */
export const nodeIsDrained: Case = {
  name: 'a node is drained within the disruption budget, and its pods come back on the others',
  skip: ({ own }) => (own === undefined ? 'the nodes of a given cluster are not ours to drain' : undefined),
  async run(stage) {
    const { kubectl, namespace } = stage;
    const started = await startWeb(stage, 5);
    await kubectl.apply([BUDGET], `--namespace=${namespace}`);
    const node = started[0]!.spec.nodeName!;
    const startMs = performance.now();
    try {
      const drained = ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=100s'];
      await kubectl.run(...drained, `--pod-selector=app=web`);
      await eventually(
        'five pods ready elsewhere',
        MOVED_MS_MAX,
        async () => {
          const now = await pods(stage);
          const elsewhere = now.filter(
            ({ spec, status }) => spec.nodeName !== node && status.phase === 'Running',
          );
          return elsewhere.length === 5 ? true : undefined;
        },
        250,
      );
    } finally {
      await kubectl.run('uncordon', node);
    }
    const moved = started.filter(({ spec }) => spec.nodeName === node).length;
    expect(moved > 0, `${node} had no pod`);
    stage.note(`${moved} pods moved in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  },
};
