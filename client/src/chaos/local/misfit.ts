import type { ClusterState } from '../../supervisor/cluster-folder.js';
import type { Trace } from '../trace/trace.js';

/** What keeps a trace from a cluster that runs already; undefined: nothing. */
export function misfit({ replicas, settings }: Trace, { members }: ClusterState): string | undefined {
  if (members.length !== replicas)
    return `it is for ${replicas} replicas, and the cluster has ${members.length}`;
  if (Object.keys(settings).length > 0)
    return 'it has settings, and those of a running cluster are not changed for it';
  return undefined;
}
