import { ApiError, isConflict, isNotFound } from '../../kube/errors.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Step } from '../../members/step.js';
import { statefulSetOf } from '../stateful-set.js';
import { changed, held, type Move, type Outcome } from './move.js';

/**
 * Ends a pod, so that the StatefulSet makes it anew: by eviction, so that a drain that goes on at the same time counts; where no quorum is there
 * to be kept, by deletion.
 */
export async function restart(
  { context, cluster, pods }: Move,
  { ordinal, recover }: Extract<Step, { kind: 'restart' }>,
): Promise<Outcome> {
  const set = statefulSetOf(context, cluster);
  const seen = set?.status?.observedGeneration ?? 0;
  // Otherwise it would come back as it was.
  if (set === undefined || seen < (set.metadata.generation ?? 0))
    return held('TemplateNotSeen', 'Kubernetes has not taken the new template of the pods up yet');
  const pod = pods.find((each) => each.ordinal === ordinal)?.pod;
  if (pod === undefined) return held('PodNotReady', `there is no pod ${ordinal}`);
  const { name, namespace, uid } = pod.metadata;
  const ref = { name, namespace };
  try {
    if (recover) await context.client.delete(RESOURCES.pods, ref, { uid: uid! }, context.signal);
    else await context.client.evict({ ...ref, uid: uid! }, context.signal);
  } catch (error) {
    if (error instanceof ApiError && error.code === 429)
      return held('BudgetExhausted', `the disruption budget lets the pod ${name} not go now`);
    // Another one has its name by now.
    if (isConflict(error) || isNotFound(error)) return held('PodNotReady', `the pod ${name} is gone already`);
    throw error;
  }
  const how = recover ? 'deleted, because no quorum is there to be kept' : 'evicted';
  return changed('PodRestarted', `${name}: ${how}, so that it comes back as it is wanted`);
}
