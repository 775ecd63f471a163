import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import { buildRecord } from '../build/record.js';
import { buildDraft, buildFirstVolume, buildRestoreJob, RESTORED_ANNOTATION } from '../build/restore.js';
import type { Context } from '../context.js';
import { isAlreadyThere } from '../kube/errors.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import { wait, type Step } from '../members/step.js';
import { applyOwned, deleteOwned, isOwned, refuseForeign } from '../reconcile/apply.js';
import { copyOf, recordOf } from '../reconcile/record.js';
import { isEnding, statefulSetOf } from '../reconcile/stateful-set.js';
import { Trouble } from '../reconcile/trouble.js';
import { runsOf, waitingFor } from './pods.js';

type Job = ObjectOf<typeof RESOURCES.jobs>;

/** A restore that failed is begun anew after this time: somebody may have brought the right file. */
const AGAIN_MS = 60_000;
const BEGINS_MS = 60_000;
const MESSAGE_CHARACTERS_MAX = 1_000;

/**
 * Begins a cluster from a backup: before there is a pod of it, a Job makes the volume of its only first member out of the file, and tells its
 * nonce for the record. The other members join then, as in any scaling, so that the file has to be read in one place, once.
 * Each look does what is next and forgets it. Throws Trouble (RestoreFailed, RestoreNotStarting).
 * @returns what is waited for; undefined: the cluster has begun, or begins empty
 */
export async function reconcileRestore(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
): Promise<Step | undefined> {
  const fromBackup = cluster.spec.bootstrap?.fromBackup;
  if (fromBackup === undefined) return undefined;
  if (hasBegun(context, cluster, clusterId, fromBackup.digest)) {
    await tidyUp(context, cluster);
    return undefined;
  }
  const { client, caches, signal } = context;
  await applyOwned(context, cluster, caches.configMaps, buildDraft(cluster, clusterId));
  const volume = buildFirstVolume(cluster, clusterId, fromBackup);
  if (caches.volumeClaims.get(volume.metadata) === undefined)
    await client.create(RESOURCES.volumeClaims, volume, signal).catch(unlessThere);

  const ref = { namespace: cluster.metadata.namespace, name: namesOf(cluster.metadata.name).restore };
  const job = await client.get(RESOURCES.jobs, ref, signal);
  if (job === undefined) {
    const wanted = buildRestoreJob(cluster, fromBackup, context.memberImage);
    await client.create(RESOURCES.jobs, wanted, signal).catch(unlessThere);
    return wait('Restoring', `the first member is made out of ${fromBackup.path} in ${fromBackup.claimName}`);
  }
  refuseForeign(cluster, job);
  const [newest] = runsOf(context, cluster, 'restore');
  if (isDone(job, 'Complete')) return finish(context, cluster, clusterId, job);
  if (isDone(job, 'Failed')) {
    const said = newest?.message?.slice(-MESSAGE_CHARACTERS_MAX) ?? 'it left no message: look at its log';
    if (context.now().getTime() - endedMs(job) >= AGAIN_MS) await remove(context, job);
    throw new Trouble(
      'RestoreFailed',
      `the backup cannot be restored, which is tried again every minute: ${said}`,
    );
  }
  if (newest?.outcome === 'waiting' && context.now().getTime() - newest.madeMs >= BEGINS_MS) {
    const why = waitingFor(context, cluster.metadata.namespace!, newest);
    throw new Trouble(
      'RestoreNotStarting',
      `the pod ${newest.pod} that restores from the claim ${fromBackup.claimName} has not begun: ${why}`,
    );
  }
  return wait('Restoring', `the first member is made out of ${fromBackup.path} in ${fromBackup.claimName}`);
}

/** Whatever may hold data of this cluster, but for the volume that is being restored, means that it has begun. */
function hasBegun(context: Context, cluster: AegisCluster, clusterId: string, digest: string): boolean {
  const { caches } = context;
  const { metadata } = cluster;
  if (recordOf(context, cluster) !== undefined || copyOf(context, cluster, clusterId) !== undefined)
    return true;
  if (statefulSetOf(context, cluster) !== undefined || isEnding(context, cluster)) return true;
  const first = namesOf(metadata.name).volumeClaim(0);
  return caches.volumeClaims
    .ofCluster(metadata)
    .some(
      (claim) =>
        claim.metadata.name !== first || claim.metadata.annotations?.[RESTORED_ANNOTATION] !== digest,
    );
}

/** The draft is there as long as there may be a Job: it goes last. */
async function tidyUp(context: Context, cluster: AegisCluster): Promise<void> {
  const { client, caches, signal } = context;
  const ref = { namespace: cluster.metadata.namespace, name: namesOf(cluster.metadata.name).restore };
  const draft = caches.configMaps.get(ref);
  if (draft === undefined || !isOwned(cluster, draft)) return;
  const job = await client.get(RESOURCES.jobs, ref, signal);
  if (job !== undefined && isOwned(cluster, job)) await remove(context, job);
  await deleteOwned(context, cluster, caches.configMaps, ref.name);
}

/** The record, from what the Job left. One that left nothing is run again: it says the same. */
async function finish(context: Context, cluster: AegisCluster, clusterId: string, job: Job): Promise<Step> {
  const { client, signal } = context;
  const said = runsOf(context, cluster, 'restore').find(({ outcome }) => outcome === 'succeeded');
  const nonce = nonceIn(said?.message, clusterId);
  if (nonce === undefined) {
    // The cache may only be behind the Job.
    if (context.now().getTime() - endedMs(job) >= BEGINS_MS) await remove(context, job);
    return wait('Restoring', 'the first member is restored, and has yet to tell its nonce');
  }
  await client
    .create(RESOURCES.configMaps, buildRecord(cluster, clusterId, [nonce]), signal)
    .catch(unlessThere);
  const message = 'the first member is made out of the backup; the others join it';
  await context.record(cluster, { type: 'Normal', reason: 'Restored', message });
  return wait('Restoring', message);
}

/** What `aegis-replica restore --first-member --report` wrote; undefined: it is something else. */
export function nonceIn(report: string | undefined, clusterId: string): string | undefined {
  try {
    const said = JSON.parse(report ?? '') as { readonly nonce?: unknown; readonly clusterId?: unknown };
    const { nonce } = said;
    if (said.clusterId !== clusterId || typeof nonce !== 'string') return undefined;
    return /^[0-9a-f]{32}$/.test(nonce) ? nonce : undefined;
  } catch {
    return undefined;
  }
}

function isDone({ status }: Job, type: 'Complete' | 'Failed'): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
}

function endedMs({ status }: Job): number {
  const ended = status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  return Date.parse(ended?.lastTransitionTime ?? '') || 0;
}

async function remove({ client, signal }: Context, job: Job): Promise<void> {
  const options = { uid: job.metadata.uid!, propagationPolicy: 'Background' } as const;
  await client.delete(RESOURCES.jobs, job.metadata, options, signal);
}

function unlessThere(error: unknown): void {
  if (!isAlreadyThere(error)) throw error;
}
