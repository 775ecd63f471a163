import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import {
  buildVerificationJob,
  buildVerificationSurroundings,
  isVerification,
  VERIFICATION_SECONDS_MAX,
  verificationName,
  VERIFIER,
} from '../build/verification.js';
import type { Cache } from '../cache/cache.js';
import type { Context } from '../context.js';
import { isAlreadyThere } from '../kube/errors.js';
import type { KubeObject } from '../kube/object.js';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import type { Pod } from '../observe/look.js';
import { holds } from '../reconcile/holds.js';
import { AnswerError, readAnswer, type VerificationStatus } from './answer.js';

export type Job = ObjectOf<typeof RESOURCES.jobs>;

/** How a verification stands. */
export type Run =
  | { readonly state: 'running'; readonly why: string }
  | { readonly state: 'answered'; readonly answer: Omit<VerificationStatus, 'completedTime'> }
  | { readonly state: 'failed'; readonly reason: string; readonly why: string };

/** Somebody else's object has a name that a verification needs. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}

/** Pods may be heard of later than their Job's end. */
const HEARD_WITHIN_MS = 60_000;
const SAID_CHARACTERS_MAX = 500;

/** Whether a Job is just the one that the operator made. */
export function isOwn(
  context: Context,
  job: Job,
  about: TuningRecommendation,
  cluster: AegisCluster,
): boolean {
  const wanted = buildVerificationJob(about, cluster, context.verifierImage);
  return ownedBy(job, about.metadata.uid) && holds(job.spec, wanted.spec);
}

export function hasEnded(job: Job): boolean {
  return endOf(job) !== undefined;
}

/** What came of the Job of a recommendation. @param question as it was handed to the pod */
export function runOf(context: Context, job: Job, question: string): Run {
  const ended = endOf(job);
  if (ended === undefined) return { state: 'running', why: waitingOf(context, job) };
  if (ended.type === 'Failed') return { state: 'failed', ...failureOf(context, job, ended.reason) };
  const pod = podsOf(context, job).find(({ status }) => status?.phase === 'Succeeded');
  if (pod === undefined) {
    // The cache may only be behind the Job.
    if (context.now().getTime() - ended.atMs < HEARD_WITHIN_MS)
      return { state: 'running', why: 'it has ended, and its answer is yet to be heard' };
    const why = 'its pod is gone, and the answer with it';
    return { state: 'failed', reason: 'AnswerLost', why };
  }
  try {
    return { state: 'answered', answer: readAnswer(saidBy(pod) ?? '', question) };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    const why = `what the pod ${pod.metadata.name} left is no answer: ${error.message}`;
    return { state: 'failed', reason: 'AnswerInvalid', why };
  }
}

/** Makes what surrounds the Job and then the Job; what is there of an earlier life stays. Throws NameTakenError. */
export async function beginRun(
  context: Context,
  about: TuningRecommendation,
  cluster: AegisCluster,
): Promise<void> {
  const { caches } = context;
  const { serviceAccount, networkPolicy, configMap } = buildVerificationSurroundings(
    about,
    about.spec.question!,
  );
  await makeOnce(context, caches.serviceAccounts, serviceAccount);
  await makeOnce(context, caches.networkPolicies, networkPolicy);
  await makeOnce(context, caches.configMaps, configMap);
  await makeOnce(context, caches.jobs, buildVerificationJob(about, cluster, context.verifierImage));
}

/** Takes away what a verification does not need any more. Its Job stays, to be counted and read, until its own time is over. */
export async function tidyRun(context: Context, about: TuningRecommendation): Promise<void> {
  const { client, caches, signal } = context;
  const ref = { namespace: about.metadata.namespace, name: verificationName(about) };
  for (const cache of [caches.configMaps, caches.networkPolicies, caches.serviceAccounts]) {
    const live = cache.get(ref);
    if (live !== undefined && ownedBy(live, about.metadata.uid))
      await client.delete(cache.type, ref, { uid: live.metadata.uid! }, signal);
  }
}

async function makeOnce<T extends KubeObject>(
  { client, signal }: Context,
  cache: Cache<T>,
  wanted: T,
): Promise<void> {
  const { metadata, ...content } = wanted;
  const live =
    cache.get(metadata) ??
    (await client.create(cache.type, wanted, signal).catch((error: unknown) => {
      if (!isAlreadyThere(error)) throw error;
      return client.get(cache.type, metadata, signal);
    }));
  // One that went between both questions is made at the next look.
  if (live === undefined) throw new Error(`${wanted.kind} ${metadata.name} is going away`);
  if (ownedBy(live, metadata.ownerReferences![0]!.uid) && holds(live, content)) return;
  throw new NameTakenError(
    `there is a ${wanted.kind} ${metadata.name} already, and it is not what a verification needs: delete it`,
  );
}

function ownedBy({ metadata }: KubeObject, uid: string | undefined): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) === true;
}

function endOf({ status }: Job): { type: 'Complete' | 'Failed'; reason: string; atMs: number } | undefined {
  const ended = status?.conditions?.find(
    ({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  if (ended === undefined) return undefined;
  const type = ended.type as 'Complete' | 'Failed';
  return { type, reason: ended.reason ?? '', atMs: Date.parse(ended.lastTransitionTime ?? '') || 0 };
}

function failureOf(context: Context, job: Job, reason: string): { reason: string; why: string } {
  if (reason === 'DeadlineExceeded')
    return {
      reason: 'VerificationTimedOut',
      why: `it took more than ${VERIFICATION_SECONDS_MAX} s, and was ended: ${waitingOf(context, job)}`,
    };
  const [newest] = podsOf(context, job);
  const said = newest === undefined ? undefined : saidBy(newest)?.slice(-SAID_CHARACTERS_MAX);
  const tries = job.status?.failed ?? 0;
  return {
    reason: 'VerificationFailed',
    why: `the verifier failed, tried ${tries === 1 ? 'once' : `${tries} times`}: ${said || `it said nothing, see the events of the Job ${job.metadata.name}`}`,
  };
}

function waitingOf(context: Context, job: Job): string {
  const [newest] = podsOf(context, job);
  if (newest === undefined) return `it has no pod, see the events of the Job ${job.metadata.name}`;
  if (newest.status?.phase !== 'Pending') return `the pod ${newest.metadata.name} replays the incident`;
  const scheduled = newest.status.conditions?.find(({ type }) => type === 'PodScheduled');
  const waiting = newest.status.containerStatuses?.[0]?.state?.waiting;
  const why = (scheduled?.status === 'False' ? scheduled.message : undefined) ?? waiting?.message;
  return `the pod ${newest.metadata.name} has not begun: ${why ?? waiting?.reason ?? 'look at its events'}`;
}

/** Pods of this very Job that run what it says, the newest first: whatever else carries its labels is not listened to. */
function podsOf({ caches }: Context, job: Job): Pod[] {
  const { name, namespace, uid } = job.metadata;
  const program = programOf(job.spec?.template.spec);
  return caches.pods
    .list()
    .filter(
      (pod) =>
        pod.metadata.namespace === namespace &&
        isVerification(pod.metadata.labels) &&
        pod.metadata.ownerReferences?.[0]?.name === name &&
        ownedBy(pod, uid) &&
        holds(programOf(pod.spec), program),
    )
    .toSorted((a, b) =>
      (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
    );
}

function programOf(spec: Pod['spec']): object {
  const { image, command, args } = spec?.containers.find(({ name }) => name === VERIFIER) ?? {};
  return { image: image ?? '', command: command ?? [], args: args ?? [] };
}

/** The message of the container of that name, and of no other. */
function saidBy({ status }: Pod): string | undefined {
  const container = status?.containerStatuses?.find(({ name }) => name === VERIFIER);
  return container?.state?.terminated?.message?.trim();
}
