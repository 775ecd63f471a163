import type { AegisCluster, RecommendationPhase, TuningRecommendation } from '@aegis/crds';
import type { Context } from '../context.js';
import type { VerificationStatus } from './answer.js';
import { isOwn, runOf, type Job } from './run.js';
import { reject, say } from './say.js';
import { secondsOf, writeStatus } from './status.js';

/** Says how the verification of a recommendation stands, or what it came to. */
export async function judgeRun(
  context: Context,
  about: TuningRecommendation,
  cluster: AegisCluster,
  job: Job,
): Promise<void> {
  if (!isOwn(context, job, about, cluster)) {
    const message = `the Job ${job.metadata.name} is not as this operator makes it: somebody changed it, or the operator became another version meanwhile. Nothing that it says is believed`;
    return reject(context, about, 'JobChanged', message);
  }
  const run = runOf(context, job, about.spec.question!);
  switch (run.state) {
    case 'running': {
      const conditions = { Verifying: { status: 'True', reason: 'Running', message: run.why } } as const;
      await writeStatus(context, about, { phase: 'Proposed', conditions });
      return;
    }
    case 'failed':
      return reject(context, about, run.reason, `not verified: ${run.why}`);
    case 'answered':
      return tell(context, about, { ...run.answer, completedTime: secondsOf(context.now()) });
  }
}

const PHASES: Readonly<Record<VerificationStatus['result'], RecommendationPhase>> = {
  Improves: 'Verified',
  NoDifference: 'Rejected',
  Harm: 'Rejected',
  CannotReproduce: 'CannotReproduce',
};

async function tell(
  context: Context,
  about: TuningRecommendation,
  verification: VerificationStatus,
): Promise<void> {
  const { result, signal, unit, before, after, seeds, harmed } = verification;
  const shown = (milli: number): string => `${milli / 1_000} ${unit}`;
  const measured = `${signal}: ${shown(before)} before, ${shown(after)} after, in ${seeds} pairs of runs`;
  const message = {
    Improves: measured,
    NoDifference: `no difference that is more than chance. ${measured}`,
    Harm: `it does harm${harmed === undefined ? '' : `: ${harmed} gets worse`}. ${measured}`,
    CannotReproduce: 'the incident did not come again in the replay, so that nothing could be compared',
  }[result];
  const conditions = { Verifying: { status: 'False', reason: result, message } } as const;
  const type = result === 'Improves' ? 'Normal' : 'Warning';
  await say(
    context,
    about,
    { phase: PHASES[result], reason: result, message, verification, conditions },
    type,
  );
}
