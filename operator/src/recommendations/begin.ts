import type { ObjectMeta, TuningRecommendation } from '@aegis/crds';
import { isVerification, verificationName } from '../build/verification.js';
import type { Context } from '../context.js';
import { RESOURCES } from '../kube/resource.js';
import { clusterAbout } from './cluster.js';
import { beginRun, hasEnded, NameTakenError, type Job } from './run.js';
import { reject } from './say.js';
import { writeStatus } from './status.js';
import { clusterOf, takeTurns, type Begun } from './turns.js';

/**
 * Begins at most one, by what the API server says at this moment: a cache could be behind the Job that was begun last.
 * @returns when the next one may begin, in milliseconds, where that is known
 */
export async function beginNext(
  context: Context,
  wanting: readonly TuningRecommendation[],
): Promise<number | undefined> {
  if (wanting.length === 0) return undefined;
  const { caches, client, signal } = context;
  const jobs = (await caches.jobs.listNow(client, signal)).filter(({ metadata }) =>
    isVerification(metadata.labels),
  );
  const made = new Set(jobs.map(({ metadata }) => ownerOf(metadata)));
  const left = wanting.filter(({ metadata }) => !made.has(metadata.uid));
  const { next, waiting, refused, why, againAfterMs } = takeTurns(
    left,
    begunOf(context, jobs),
    context.now().getTime(),
  );
  for (const each of refused)
    await reject(context, each, 'QueueFull', 'too many recommendations of this cluster wait to be verified');
  for (const each of waiting) {
    const conditions = { Verifying: { status: 'False', reason: 'Waiting', message: why } } as const;
    await writeStatus(context, each, { phase: 'Proposed', conditions });
  }
  if (next !== undefined) await beginOne(context, next);
  return againAfterMs;
}

async function beginOne(context: Context, next: TuningRecommendation): Promise<void> {
  const { client, signal } = context;
  const now = await client.get(RESOURCES.recommendations, next.metadata, signal);
  // It is another one than was looked at: the next look will see it.
  if (now?.metadata.resourceVersion !== next.metadata.resourceVersion) return;
  try {
    await beginRun(context, next, clusterAbout(context, next)!);
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    return reject(context, next, 'NameTaken', `not verified: ${error.message}`);
  }
  context.onStep('verify');
  const message = `its verification has begun, as the Job ${verificationName(next)}`;
  await context.record(next, { type: 'Normal', reason: 'VerificationBegun', message });
}

function begunOf({ caches }: Context, jobs: readonly Job[]): Begun[] {
  const clusters = new Map(caches.recommendations.list().map((each) => [each.metadata.uid, clusterOf(each)]));
  return jobs.map((job) => ({
    cluster: clusters.get(ownerOf(job.metadata)),
    atMs: Date.parse(job.metadata.creationTimestamp ?? '') || 0,
    ended: hasEnded(job),
  }));
}

function ownerOf({ ownerReferences }: ObjectMeta): string | undefined {
  return ownerReferences?.find(({ controller }) => controller === true)?.uid;
}
