import type { Incident } from '@aegis/crds';

import type { Scene } from '../../../config-source/scene.js';
import { chart } from '../../helm.js';
import type { Stage } from '../case.js';
import { OPERATOR, operatorValues, startOperator } from '../release/operator.js';

const inItsNamespace = `--namespace=${OPERATOR.namespace}`;

/**
 * Lets the agent run beside the operator while `work` lasts; afterwards there is none, as all other cases have it. What the agent said is part of
 * the error if the work fails.
 *
 * @param values of the chart, beside those that every agent here has
 */
export async function withAgent(stage: Stage, values: object, work: () => Promise<void>): Promise<void> {
  await startOperator(stage);
  try {
    await start(stage, values);
    await work();
  } catch (error) {
    const { stdout } = await stage.kubectl.try([
      'logs',
      `deployment/${OPERATOR.agent}`,
      inItsNamespace,
      '--tail=30',
    ]);
    throw new Error(`${(error as Error).message}\nthe agent:\n${stdout}`, { cause: error });
  } finally {
    await startOperator(stage);
  }
}

async function start({ helm, kubectl, image }: Stage, more: object): Promise<void> {
  const values = operatorValues(image) as { readonly agent: object };
  const agent = { ...values.agent, enabled: true, scrapeMs: 1_000, ...more };
  await helm.install(OPERATOR.release, OPERATOR.namespace, chart('aegis-operator'), { ...values, agent });
  await kubectl.run('rollout', 'status', `deployment/${OPERATOR.agent}`, inItsNamespace, '--timeout=90s');
}

/** Where the agent's token of the forge is in its pod. */
export const TOKEN_FILE = '/etc/aegis/forge/token';
const SECRET = 'agent-forge';

/** The same with an identity on a forge that may propose from a fork, and write nothing. */
export async function withAgentOn(
  { people, repository, source }: Scene,
  stage: Stage,
  work: () => Promise<void>,
): Promise<void> {
  repository.roles.delete(people.agent.login);
  await startOperator(stage);
  await tokenIn(stage, OPERATOR.namespace, SECRET, people.agent.token);
  await withAgent(stage, { forge: { secretName: SECRET, apiUrl: source.apiUrl } }, work);
}

/** Makes a Secret with a token of the forge. */
export async function tokenIn(
  { kubectl }: Stage,
  namespace: string,
  name: string,
  token: string,
): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { token } };
  await kubectl.apply([secret], `--namespace=${namespace}`);
}

/** Those of the case's own namespace. */
export async function incidentsIn({ kubectl, namespace }: Stage): Promise<readonly Incident[]> {
  const here = `--namespace=${namespace}`;
  return (await kubectl.get<{ readonly items: readonly Incident[] }>('incidents', here)).items;
}
