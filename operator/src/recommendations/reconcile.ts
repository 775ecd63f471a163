import { FINAL_PHASES, type TuningRecommendation } from '@aegis/crds';
import { verificationName } from '../build/verification.js';
import type { Context } from '../context.js';
import type { Outcome } from '../queue/workers.js';
import { beginNext } from './begin.js';
import { clusterAbout } from './cluster.js';
import { judgeRun } from './judge.js';
import { mergeOf } from './merge.js';
import { refuseQuestion } from './question.js';
import { tidyRun } from './run.js';
import { reject, say } from './say.js';

/** How soon to look again at what the API server does not tell of by itself. */
const LOOK_MS = 10_000;
const FINAL: ReadonlySet<string> = new Set(FINAL_PHASES);

/**
 * One look at all recommendations: verifications that ended are judged, the next one is begun, and what people merged is told. Everything
 * is decided from what the API server has, so that a look may end anywhere. What fails for one is thrown once the others were looked at.
 */
export async function reconcileRecommendations(context: Context): Promise<Outcome> {
  const failures: unknown[] = [];
  const wanting: TuningRecommendation[] = [];
  let open = false;
  for (const each of context.caches.recommendations.list()) {
    context.signal.throwIfAborted();
    if (each.metadata.deletionTimestamp !== undefined) continue;
    try {
      const stand = await lookAt(context, each);
      if (stand === 'wanting') wanting.push(each);
      if (stand !== 'over') open = true;
    } catch (error) {
      failures.push(error);
    }
  }
  const againAfterMs = await beginNext(context, wanting).catch((error: unknown) => {
    failures.push(error);
    return undefined;
  });
  if (failures.length > 0) throw failures[0];
  return open ? { againAfterMs: Math.min(LOOK_MS, againAfterMs ?? LOOK_MS) } : {};
}

/** `over`: nothing is to be done about it any more, or at all. `wanting`: its verification is to begin. */
async function lookAt(context: Context, each: TuningRecommendation): Promise<'over' | 'open' | 'wanting'> {
  const { phase = 'Proposed', verification } = each.status ?? {};
  const cluster = clusterAbout(context, each);
  if (FINAL.has(phase)) {
    await tidyRun(context, each);
    return 'over';
  }
  if (verification !== undefined) {
    await tidyRun(context, each);
    const merged = mergeOf(context, each, cluster);
    if (merged !== undefined) await say(context, each, merged);
    return 'open';
  }
  if (each.spec.question === undefined || phase !== 'Proposed') return 'over';
  if (Date.parse(each.spec.validUntil) <= context.now().getTime()) {
    const message = 'its time was over before it was verified';
    await say(context, each, { phase: 'Expired', reason: 'NotVerified', message }, 'Warning');
    return 'over';
  }
  const refusal = refuseQuestion(each, cluster);
  if (refusal !== undefined || cluster === undefined) {
    await reject(context, each, refusal!.reason, refusal!.message);
    return 'over';
  }
  const ref = { namespace: each.metadata.namespace, name: verificationName(each) };
  const job = context.caches.jobs.get(ref);
  if (job === undefined) return 'wanting';
  await judgeRun(context, each, cluster, job);
  return 'open';
}
