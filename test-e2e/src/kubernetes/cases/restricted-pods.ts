import { type Case, expect } from './case.js';
import { answerOf, startWeb } from './web.js';

const REPLICAS = 5;

/** Five pods as those of a cluster must be: not root, nothing writable but their volume, no rights of the kernel's. */
export const restrictedPodsRun: Case = {
  name: 'five restricted pods of a StatefulSet run with a volume each, spread over the nodes, and find each other by name',
  async run(stage) {
    const startMs = performance.now();
    const started = await startWeb(stage, REPLICAS);
    stage.note(`${REPLICAS} pods ready after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    const nodes = new Set(started.map(({ spec }) => spec.nodeName));
    stage.note(`on the nodes ${[...nodes].join(', ')}`);
    if (stage.own !== undefined)
      expect(nodes.size === stage.own.nodes.length, `pods on ${[...nodes].join(', ')} alone`);
    for (const { metadata } of started) {
      const answer = await answerOf(
        stage,
        'web-0',
        `${metadata.name}.web.${stage.namespace}.svc.cluster.local:8080`,
      );
      expect(answer === metadata.name, `web-0 asked ${metadata.name} by its name, and heard ${answer}`);
    }
    const any = await answerOf(stage, 'web-0', `any.${stage.namespace}`);
    expect(
      started.some(({ metadata }) => metadata.name === any),
      `the service answered ${any}`,
    );
  },
};

/** A namespace with the restricted standard refuses what does not keep to it, and says what is missing. */
export const privilegedPodsAreRefused: Case = {
  name: 'a pod that may be root is refused, with what it must say',
  async run({ kubectl, namespace, image, note }) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'root' },
      spec: { containers: [{ name: 'root', image }] },
    };
    const { status, stderr } = await kubectl.tryApply([pod], `--namespace=${namespace}`);
    expect(status !== 0, 'the pod was accepted');
    expect(/violates PodSecurity "restricted/.test(stderr), stderr);
    note(stderr.trim().slice(0, 200));
  },
};
