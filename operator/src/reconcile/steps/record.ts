import { buildRecord } from '../../build/record.js';
import { isAlreadyThere } from '../../kube/errors.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Step } from '../../members/step.js';
import { copyOf, spreadRecord } from '../record.js';
import { changed, held, type Move, type Outcome } from './move.js';

/**
 * Records the first members. It is never written over, so it must not name a folder that is none of theirs: the pods that told
 * the nonces are looked up once more, and have to have been the same ones, at the same addresses, all the time.
 */
export async function record(move: Move, { nonces }: Extract<Step, { kind: 'record' }>): Promise<Outcome> {
  const { context, cluster, clusterId, pods } = move;
  for (const { pod, address } of pods.slice(0, nonces.length)) {
    const now = await context.client.get(RESOURCES.pods, pod.metadata, context.signal);
    const same =
      now?.metadata.uid === pod.metadata.uid &&
      now?.metadata.deletionTimestamp === undefined &&
      now?.status?.podIP === address?.ip &&
      now?.status?.phase === 'Running';
    if (!same) return held('FirstMembers', `the pod ${pod.metadata.name} is being replaced`);
  }
  return create(move, buildRecord(cluster, clusterId, nonces), `the first ${nonces.length} members`);
}

/** As it was, from the copy on the volumes. */
export async function restoreRecord(move: Move): Promise<Outcome> {
  const { context, cluster, clusterId } = move;
  const copy = copyOf(context, cluster, clusterId);
  if (copy === undefined) return held('RecordLost', 'the volumes carry no copy of the record any more');
  const built = buildRecord(cluster, clusterId, []);
  const [file] = Object.keys(built.data!);
  return create(
    move,
    { ...built, data: { [file!]: copy } },
    'the first members again, as their volumes have it',
  );
}

async function create(
  { context, cluster, clusterId, pods }: Move,
  object: ReturnType<typeof buildRecord>,
  what: string,
): Promise<Outcome> {
  try {
    const made = await context.client.create(RESOURCES.configMaps, object, context.signal);
    await spreadRecord(context, cluster, pods, clusterId, made);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    return held('FirstMembers', 'the record is there already, and not yet seen');
  }
  return changed('Recorded', `recorded ${what}`);
}
