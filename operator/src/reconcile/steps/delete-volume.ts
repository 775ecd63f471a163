import { namesOf } from '../../build/names.js';
import { isConflict } from '../../kube/errors.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Step } from '../../members/step.js';
import { changed, held, type Move, type Outcome } from './move.js';

/** The volume of a member that was removed. What cannot be undone is not done by what caches say: all is looked up once more. */
export async function deleteVolume(
  { context, cluster }: Move,
  { ordinal }: Extract<Step, { kind: 'delete-volume' }>,
): Promise<Outcome> {
  const { client, signal } = context;
  const { name, namespace, uid } = cluster.metadata;
  const names = namesOf(name);
  const at = (object: string) => ({ namespace, name: object });
  const [now, set, pod, claim] = await Promise.all([
    client.get(RESOURCES.clusters, at(name), signal),
    client.get(RESOURCES.statefulSets, at(names.statefulSet), signal),
    client.get(RESOURCES.pods, at(names.pod(ordinal)), signal),
    client.get(RESOURCES.volumeClaims, at(names.volumeClaim(ordinal)), signal),
  ]);
  const wanted = now?.metadata.uid !== uid || now!.spec.replicas > ordinal;
  const used = (set?.spec?.replicas ?? Infinity) > ordinal || pod !== undefined;
  if (wanted || used || claim === undefined)
    return held('VolumeInUse', `the volume in place ${ordinal} is not deleted: it is wanted again`);
  try {
    await client.delete(RESOURCES.volumeClaims, claim.metadata, { uid: claim.metadata.uid! }, signal);
  } catch (error) {
    if (isConflict(error)) return held('VolumeInUse', `the volume in place ${ordinal} was made anew`);
    throw error;
  }
  return changed('VolumeDeleted', `${claim.metadata.name}: its member was removed`);
}
