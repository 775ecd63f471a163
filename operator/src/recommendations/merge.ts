import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import type { Context } from '../context.js';
import { appliedOf } from '../reconcile/settings/applied.js';
import type { StatusChange } from './status.js';

/**
 * What became of a recommendation after a person merged its request, by what the operator itself took over from the branch. The agent says
 * no more than which request is its own. Undefined: nothing new.
 */
export function mergeOf(
  context: Pick<Context, 'caches'>,
  { status, spec }: TuningRecommendation,
  cluster: AegisCluster | undefined,
): (StatusChange & { readonly reason: string; readonly message: string }) | undefined {
  const number = status?.pullRequest?.number;
  const taken = cluster === undefined ? undefined : appliedOf(context, cluster)?.source;
  if (number === undefined || taken?.pullRequest !== number) return undefined;
  if (status?.verification?.result !== 'Improves') return undefined;
  const by = taken.mergedBy === undefined ? '' : ` by ${taken.mergedBy}`;
  const settings = cluster?.status?.settings;
  if (settings?.source.pullRequest === number && runs(settings.effective, spec.patch)) {
    const message = `request ${number} was merged${by}, and every member runs it`;
    return { phase: 'Applied', reason: 'Merged', message };
  }
  if (status.phase === 'Merged') return undefined;
  const message = `request ${number} was merged${by}, and is being applied`;
  return { phase: 'Merged', reason: 'Merged', message };
}

function runs(effective: Partial<ConsensusSettings>, patch: Partial<ConsensusSettings>): boolean {
  return (Object.keys(patch) as (keyof ConsensusSettings)[]).every((name) => effective[name] === patch[name]);
}
