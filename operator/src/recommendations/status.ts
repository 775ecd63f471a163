import type {
  Condition,
  RECOMMENDATION_CONDITIONS,
  TuningRecommendation,
  TuningRecommendationStatus,
} from '@aegis/crds';
import type { Context } from '../context.js';
import { RESOURCES } from '../kube/resource.js';
import { applyStatus, sameStatus } from '../kube/status.js';

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;
type Conditions = Readonly<Partial<Record<keyof typeof RECOMMENDATION_CONDITIONS, Verdict>>>;

export interface StatusChange extends Omit<Partial<TuningRecommendationStatus>, 'conditions'> {
  readonly conditions?: Conditions;
}

const MESSAGE_CHARACTERS_MAX = 4_096;

/**
 * Writes what is to be different in a status; all else stays, the agent's part of it, too. Written over what was read alone: whoever was
 * faster is heard at the next look.
 * @returns whether it said something else before
 */
export async function writeStatus(
  context: Context,
  about: TuningRecommendation,
  change: StatusChange,
): Promise<boolean> {
  const before = about.status ?? {};
  const { generation } = about.metadata;
  const { conditions = {}, ...fields } = change;
  const status: TuningRecommendationStatus = {
    ...before,
    ...fields,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: merged(before.conditions ?? [], conditions, generation, context.now()),
  };
  if (sameStatus(before, status)) return false;
  await applyStatus(context, RESOURCES.recommendations, about, status, about.metadata.resourceVersion);
  return true;
}

function merged(
  before: readonly Condition[],
  changes: Conditions,
  generation: number | undefined,
  now: Date,
): readonly Condition[] {
  const others = before.filter(({ type }) => !(type in changes));
  const changed = Object.entries(changes).map(([type, verdict]): Condition => {
    const old = before.find((each) => each.type === type);
    const same = old?.status === verdict.status;
    return {
      type,
      ...verdict,
      message: verdict.message.slice(0, MESSAGE_CHARACTERS_MAX),
      lastTransitionTime: same ? old.lastTransitionTime : secondsOf(now),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
  return [...others, ...changed].toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

export function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
