import { eventually } from '../harness/clock.js';
import type { Kubectl } from './kubectl.js';
import type { Node } from './node/node.js';

const NODES_MS_MAX = 90_000;
const DNS_MS_MAX = 60_000;

interface NodeList {
  readonly items: readonly {
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Waits until every node says that it is ready and names are answered. Throws with the last words of the nodes' programs. */
export async function untilReady(kubectl: Kubectl, nodes: readonly Node[]): Promise<void> {
  try {
    await eventually(
      `${nodes.length} nodes ready`,
      NODES_MS_MAX,
      async () => {
        const { items } = await kubectl.get<NodeList>('nodes');
        const ready = items.filter(({ status }) =>
          status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
        );
        return ready.length === nodes.length ? true : undefined;
      },
      500,
    );
    const wait = ['rollout', 'status', 'deployment/coredns', `--timeout=${DNS_MS_MAX}ms`];
    await kubectl.run('--namespace=kube-system', ...wait);
  } catch (error) {
    const tails = nodes.map((node) => node.tails()).join('\n');
    throw new Error(`${(error as Error).message}\n${tails}`, { cause: error });
  }
}
