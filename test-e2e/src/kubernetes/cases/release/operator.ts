import { chart } from '../../helm.js';
import type { Stage } from '../case.js';

/** One operator looks after all namespaces: the cases share it. */
export const OPERATOR = {
  release: 'aegis',
  namespace: 'aegis-system',
  name: 'aegis-aegis-operator',
  agent: 'aegis-aegis-operator-agent',
} as const;

/** As the API server calls the agent. */
export const AGENT_USER = `system:serviceaccount:${OPERATOR.namespace}:${OPERATOR.agent}`;

/** The values under which the chart runs what was built here. */
export function operatorValues(image: string): object {
  const at = image.lastIndexOf(':');
  return {
    image: { repository: image.slice(0, at), tag: image.slice(at + 1) },
    // The tests change settings by hand, too.
    admission: { settings: { groups: ['system:masters', 'kubeadm:cluster-admins'] } },
  };
}

/** The chart of the operator as it is in this tree: installed, or upgraded to it. Waits for no pod. */
export async function installOperator(
  { helm, image }: Stage,
  values: object = {},
  from = chart('aegis-operator'),
): Promise<void> {
  const { release, namespace } = OPERATOR;
  await helm.install(release, namespace, from, { ...operatorValues(image), ...values });
}

/** The operator is there, and works: what every case with a cluster begins with. */
export async function startOperator(stage: Stage, values: object = {}): Promise<void> {
  await installOperator(stage, values);
  const { namespace, name } = OPERATOR;
  const rollout = ['rollout', 'status', `deployment/${name}`, `--namespace=${namespace}`, '--timeout=90s'];
  await stage.kubectl.run(...rollout);
}
