import { type Case, expect, type Stage } from './case.js';
import { type Pod, ask, startWeb, untilAsked } from './web.js';

const ENFORCED_MS_MAX = 30_000;
const meta = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
});

/** Nothing may come in to any pod. */
const DENY_ALL = { ...meta('deny-all'), spec: { podSelector: {}, policyTypes: ['Ingress'] } };

/** One pod may ask the others. */
const ALLOW_FIRST = {
  ...meta('allow-first'),
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { 'apps.kubernetes.io/pod-index': '0' } } }],
        ports: [{ port: 8080 }],
      },
    ],
  },
};

/** A bridge ignores network policies: that they are enforced here is shown before anything is said about ours. */
export const networkPoliciesBlock: Case = {
  name: 'a policy that denies all blocks pods of the same node and of others; one that allows a pod lets it alone in',
  async run(stage) {
    const started = await startWeb(stage, 5);
    const [first, ...others] = started;
    const near = others.find(({ spec }) => spec.nodeName === first!.spec.nodeName);
    const far = others.find(({ spec }) => spec.nodeName !== first!.spec.nodeName);
    const asked = [near, far].filter((pod) => pod !== undefined);
    expect(asked.length > 0, 'there is no other pod to ask');
    if (near === undefined) stage.note('no two pods are on one node');
    for (const pod of asked)
      expect(
        (await ask(stage, 'web-0', at(pod))) === pod.metadata.name,
        `${pod.metadata.name} cannot be reached`,
      );

    const { kubectl, namespace } = stage;
    await kubectl.apply([DENY_ALL], `--namespace=${namespace}`);
    await timed(
      stage,
      'denied',
      asked.map((pod) => () => untilAsked(stage, 'web-0', at(pod), false, ENFORCED_MS_MAX)),
    );
    await kubectl.apply([ALLOW_FIRST], `--namespace=${namespace}`);
    await timed(
      stage,
      'allowed',
      asked.map((pod) => () => untilAsked(stage, 'web-0', at(pod), true, ENFORCED_MS_MAX)),
    );
    const [one, other] = [others[0]!, others[1]!];
    const answer = await ask(stage, one.metadata.name, at(other));
    expect(answer === undefined, `${one.metadata.name} is not allowed, and heard ${answer}`);
    await kubectl.run('delete', 'networkpolicies', '--all', `--namespace=${namespace}`);
    await timed(stage, 'no policy any more', [
      () => untilAsked(stage, one.metadata.name, at(other), true, ENFORCED_MS_MAX),
    ]);
  },
};

const at = ({ status }: Pod): string => `${status.podIP}:8080`;

async function timed(stage: Stage, what: string, works: readonly (() => Promise<void>)[]): Promise<void> {
  const startMs = performance.now();
  for (const work of works) await work();
  stage.note(`${what} after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
