import { table } from '@aegis/client/terminal';
import type { TuningRecommendation } from '@aegis/crds';
import { RESOURCES } from '../kube/resource.js';
import type { Found } from './print.js';
import { allOf, type Target } from './target.js';

/** What the agent proposed for a cluster, or for all of the namespace, oldest first. */
export async function recommendations(target: Target, cluster: string | undefined): Promise<Found> {
  const all = await allOf(target, RESOURCES.recommendations);
  const found = all
    .filter(({ spec }) => cluster === undefined || spec.clusterRef.name === cluster)
    .toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)));
  if (found.length === 0) return { json: [], text: 'no recommendations' };
  const rows = found.map(({ metadata, spec, status }) => [
    metadata.name,
    spec.clusterRef.name,
    Object.entries(spec.patch)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' '),
    status?.phase ?? '-',
    status?.verification?.result ?? '-',
    status?.pullRequest?.url ?? '-',
  ]);
  const header = ['RECOMMENDATION', 'CLUSTER', 'PATCH', 'PHASE', 'VERIFIED', 'PULL REQUEST'];
  const waits = found.some(({ status }) => status?.pullRequest?.url !== undefined);
  const next = waits ? '\nOnly a person merges: nothing else applies them.' : '';
  return { json: found, text: table(header, rows) + next };
}

function createdAt({ metadata }: TuningRecommendation): string {
  return metadata.creationTimestamp ?? '';
}
