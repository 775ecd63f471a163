import type { AegisCluster } from '@aegis/crds';
import { isHelper, type Helper } from '../build/names.js';
import type { Context } from '../context.js';
import type { Pod } from '../observe/look.js';

/** A run of a pod that works for a cluster. */
export interface Run {
  readonly pod: string;
  readonly outcome: 'waiting' | 'running' | 'succeeded' | 'failed';
  /** When the pod was made, in milliseconds since 1970. */
  readonly madeMs: number;
  /** What it left at its end: its report, or the last that it said. */
  readonly message: string | undefined;
}

/** The newest first. */
export function runsOf({ caches }: Pick<Context, 'caches'>, cluster: AegisCluster, helper: Helper): Run[] {
  return caches.pods
    .ofCluster(cluster.metadata)
    .filter(({ metadata }) => isHelper(metadata.labels, helper) && metadata.deletionTimestamp === undefined)
    .map(runOf)
    .toSorted((a, b) => b.madeMs - a.madeMs);
}

const OUTCOMES: Readonly<Record<string, Run['outcome']>> = {
  Pending: 'waiting',
  Running: 'running',
  Succeeded: 'succeeded',
  Failed: 'failed',
};

function runOf({ metadata, status }: Pod): Run {
  const state = status?.containerStatuses?.[0]?.state;
  return {
    pod: metadata.name,
    outcome: OUTCOMES[status?.phase ?? ''] ?? 'waiting',
    madeMs: Date.parse(metadata.creationTimestamp ?? ''),
    message: state?.terminated?.message?.trim() ?? state?.waiting?.message ?? status?.message,
  };
}

/** What a pod that does not begin waits for, in Kubernetes' own words. */
export function waitingFor({ caches }: Pick<Context, 'caches'>, namespace: string, run: Run): string {
  const pod = caches.pods.get({ namespace, name: run.pod });
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.message !== undefined) return scheduled.message;
  return run.message ?? 'look at its events';
}
