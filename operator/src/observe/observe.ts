import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import type { Observed } from '../members/observed.js';
import { ordinalOf, type PodSeen } from './look.js';
import { leaderOf, membershipOf } from './membership.js';
import { placesOf } from './places.js';

/** What is known besides the pods themselves. */
export interface Surroundings {
  readonly clusterId: string;
  /** How many first members the record lists; undefined: there is none. */
  readonly record: number | undefined;
  readonly recordKept: boolean;
  /** Pods that the StatefulSet keeps; undefined: it is not there. */
  readonly replicas: number | undefined;
  /** The template that pods are to be of now. */
  readonly template: string;
  readonly settingsProven: boolean;
}

/** Everything that the next step depends on, from the caches and from what the pods have just answered. */
export function observe(
  context: Pick<Context, 'caches' | 'now'>,
  cluster: AegisCluster,
  pods: readonly PodSeen[],
  { clusterId, template, ...rest }: Surroundings,
): Observed {
  return {
    ...rest,
    size: cluster.spec.replicas,
    places: placesOf(context, cluster, pods, clusterId, template),
    membership: membershipOf(cluster.metadata.name, leaderOf(pods)),
    lastVoters: votersIn(cluster.metadata.name, cluster.status),
  };
}

/** Places of the voters when a leader was last heard of, as the status keeps them. */
function votersIn(cluster: string, status: AegisClusterStatus | undefined): number[] | undefined {
  const voters = status?.members?.filter(({ role }) => role !== 'Learner');
  if (voters === undefined || voters.length === 0) return undefined;
  return voters.flatMap(({ pod }) => ordinalOf(namesOf(cluster).pod, pod) ?? []);
}
