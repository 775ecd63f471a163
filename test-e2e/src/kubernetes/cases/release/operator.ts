import { chart } from '../../helm.js';
import type { Stage } from '../case.js';

/** One operator looks after all namespaces: the cases share it. */
export const OPERATOR = {
  release: 'aegis',
  namespace: 'aegis-system',
  name: 'aegis-aegis-operator',
  agent: 'aegis-aegis-operator-agent',
  dashboard: 'aegis-aegis-operator-dashboard',
} as const;

/** The agent's name on the forge for tests. */
const AGENT_LOGIN = 'tuner';

/** As the API server calls the agent. */
export const AGENT_USER = `system:serviceaccount:${OPERATOR.namespace}:${OPERATOR.agent}`;

/** The values under which the chart runs what was built here. */
export function operatorValues(image: string): object {
  const at = image.lastIndexOf(':');
  return {
    image: { repository: image.slice(0, at), tag: image.slice(at + 1) },
    agent: { logins: [AGENT_LOGIN] },
  };
}

/** The chart of the operator as it is in this tree: installed, or upgraded to it. Waits for no pod. */
export async function installOperator({ helm, image }: Stage, from = chart('aegis-operator')): Promise<void> {
  const { release, namespace } = OPERATOR;
  await helm.install(release, namespace, from, operatorValues(image));
}

/** One at a time: helm refuses a second upgrade of a release while the first is under way. */
let starting: Promise<unknown> = Promise.resolve();

/** The operator is there, and works: what every case with a cluster begins with. */
export async function startOperator(stage: Stage): Promise<void> {
  const { namespace, name } = OPERATOR;
  const rollout = ['rollout', 'status', `deployment/${name}`, `--namespace=${namespace}`, '--timeout=90s'];
  const start = async (): Promise<void> => {
    await installOperator(stage);
    await stage.kubectl.run(...rollout);
  };
  const mine = starting.then(start);
  starting = mine.catch(() => undefined);
  await mine;
}
