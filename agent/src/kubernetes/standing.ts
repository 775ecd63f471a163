import type { Standing } from '@aegis/client/config';
import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '@aegis/operator/kube';
import { SETTING_NAMES, type ConsensusSettings } from '@aegis/replica/settings';

export type Pod = ObjectOf<typeof RESOURCES.pods>;

/** Of every member, read-only. */
const METRICS_PORT = 4412;

/** It cannot be said yet how the cluster stands: the message says why. */
export class NotStandingError extends Error {
  override readonly name = 'NotStandingError';
}

/**
 * How a cluster stands, out of its status and the addresses of its pods. Throws NotStandingError.
 * @param changes of its settings that were seen
 */
export function standingIn(
  { metadata, spec, status }: AegisCluster,
  pods: readonly Pod[],
  changes: Standing['changes'],
): Standing {
  const { name, namespace = '' } = metadata;
  const clusterId = status?.clusterId;
  if (clusterId === undefined) throw new NotStandingError(`${namespace}/${name} has no cluster id yet`);
  const members = (status?.members ?? [])
    // Who only learns is no part of what the members do together.
    .filter(({ role }) => role !== 'Learner')
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, pod }) => ({ name: pod, id, metrics: pageOf(pods, pod) }));
  if (members.length === 0) throw new NotStandingError(`${namespace}/${name} has no members yet`);
  const { settings, conditions } = status ?? {};
  const synced = conditions?.find(({ type }) => type === 'ConfigInSync')?.status === 'True';
  return {
    clusterId,
    namespace,
    cluster: name,
    profile: spec.profile,
    path: spec.configSource?.path ?? '',
    base: spec.configSource?.branch ?? '',
    members,
    settings: synced ? whole(settings?.effective) : undefined,
    lastHealthy: whole(settings?.lastHealthy),
    changes,
  };
}

/** A pod without an address is asked at one where nobody is: its page is missing, as that of a member that does not answer. */
function pageOf(pods: readonly Pod[], name: string): string {
  const ip = pods.find(({ metadata }) => metadata.name === name)?.status?.podIP ?? '0.0.0.0';
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${METRICS_PORT}/metrics`;
}

/** All of them, or none: a status of an older release may lack one. */
function whole(settings: Partial<ConsensusSettings> | undefined): ConsensusSettings | undefined {
  const all = settings !== undefined && SETTING_NAMES.every((name) => settings[name] !== undefined);
  return all ? (settings as ConsensusSettings) : undefined;
}

/** What is different, if both are known. */
export function changeBetween(
  before: ConsensusSettings | undefined,
  after: ConsensusSettings | undefined,
): Partial<ConsensusSettings> | undefined {
  if (before === undefined || after === undefined) return undefined;
  const changed = SETTING_NAMES.filter((name) => before[name] !== after[name]);
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}
