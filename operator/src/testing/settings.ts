import type { AegisCluster } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import { readFile } from '../config-source/document.js';
import { judge } from '../config-source/judge.js';
import type { Context } from '../context.js';
import { planSettings } from '../reconcile/settings/plan.js';
import { wantedSettings } from '../reconcile/settings/wanted.js';

const HEAD = '0'.repeat(40);
const NOTHING_REFUSED = { caches: { configMaps: { get: () => undefined } } } as unknown as Context;

/** Why the operator does not take over the settings of a spec. Undefined: it does. Nothing is asked of an API server. */
export async function whyNotFromSpec(cluster: AegisCluster): Promise<string | undefined> {
  // A paused cluster is only looked at.
  const paused = { ...cluster, spec: { ...cluster.spec, paused: true } };
  const wanted = await wantedSettings(NOTHING_REFUSED, paused);
  return planSettings(NOTHING_REFUSED, paused, [], wanted).held?.message;
}

/** The same of a file that a person merged by request 1. */
export function whyNotByMerge(
  text: string,
  { metadata, spec }: AegisCluster,
  lastHealthy?: ConsensusSettings,
): string | undefined {
  const cluster = {
    namespace: metadata.namespace!,
    name: metadata.name,
    profile: spec.profile,
    replicas: spec.replicas,
  };
  const request = {
    number: 1,
    url: 'https://forge/1',
    merged: true,
    mergedBy: { login: 'ada', type: 'User' },
    mergeCommit: HEAD,
    baseRepository: 'acme/settings',
    baseBranch: 'main',
    head: HEAD,
    commits: 1,
    covers: true,
    reviews: [],
  };
  const verdict = judge(
    {
      head: HEAD,
      reading: readFile({ kind: 'text', text, id: HEAD }, cluster),
      descends: true,
      changes: [{ commit: HEAD, pullRequests: [request] }],
      end: 'newest-change',
      walked: 1,
    },
    {
      cluster,
      authority: {
        repository: 'acme/settings',
        branch: 'main',
        allowDirectPush: false,
        mergeBots: [],
        agentLogins: ['tuner'],
      },
      lastFingerprint: undefined,
      lastHealthy,
      verified: [],
    },
  );
  return verdict.outcome === 'hold' ? verdict.condition.message : undefined;
}
