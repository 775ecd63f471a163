import type { Step } from '../../members/step.js';
import { applyStatefulSet, isEnding } from '../stateful-set.js';
import { changed, held, type Move, type Outcome } from './move.js';

/** The StatefulSet keeps so many pods; the first time it is made. */
export async function scale(
  { context, cluster, clusterId, parts, observed }: Move,
  { replicas }: Extract<Step, { kind: 'scale' }>,
): Promise<Outcome> {
  if (isEnding(context, cluster))
    return held('StatefulSetEnding', 'the StatefulSet is being deleted, and is made anew then');
  const set = await applyStatefulSet(context, cluster, clusterId, parts, replicas);
  const now = set.spec?.replicas ?? replicas;
  return observed.replicas === undefined
    ? changed('Created', `made the StatefulSet with ${now} pods for cluster ${clusterId}`)
    : changed('Scaled', `from ${observed.replicas} to ${now} pods`);
}
