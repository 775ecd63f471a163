import type { StatusResponse } from '@aegis/proto/v1/cluster';
import type { Cluster } from '../cluster/cluster.js';
import { nobodyAnswers } from './next-step.js';

/** The cluster as the replica sees it that has applied most. Fails when none answers. */
export async function newestStatus(cluster: Cluster): Promise<StatusResponse> {
  const asked = await cluster.statuses();
  const answers = asked.flatMap((each) => ('status' in each ? [each.status] : []));
  const newest = answers.toSorted((a, b) => b.appliedIndex - a.appliedIndex)[0];
  if (newest === undefined) throw nobodyAnswers(asked);
  return newest;
}
