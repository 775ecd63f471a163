import { API_VERSION, type AegisCluster, type AegisClusterStatus } from '@aegis/crds';
import { selectorOf } from '../../build/names.js';
import type { Context } from '../../context.js';
import { isConflict, isNotFound } from '../../kube/errors.js';
import { RESOURCES } from '../../kube/resource.js';
import { votes } from '../../members/observed.js';
import type { Report } from '../report.js';
import { conditionsOf } from './conditions.js';
import { membersOf } from './members.js';
import { podTroubles } from './pod-troubles.js';
import { isInSync, settingsOf } from './settings.js';

/** The id of the cluster before anything carries it, so that it is not drawn twice. */
export async function persistClusterId(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
): Promise<void> {
  if (cluster.status?.clusterId !== undefined) return;
  await apply(context, cluster, { ...cluster.status, clusterId });
}

/** Writes what was found, if it is not what stands there already. */
export async function writeStatus(context: Context, cluster: AegisCluster, report: Report): Promise<void> {
  const status = statusOf(context, cluster, report);
  if (JSON.stringify(sorted(status)) === JSON.stringify(sorted(cluster.status ?? {}))) return;
  await apply(context, cluster, status);
}

function statusOf(context: Context, cluster: AegisCluster, report: Report): AegisClusterStatus {
  const before = cluster.status ?? {};
  const { pods, observed, leader, certificates } = report;
  const clusterId = report.clusterId ?? before.clusterId;
  const found =
    pods === undefined || clusterId === undefined ? [] : podTroubles(context, cluster, pods, clusterId);
  const troubles = [...report.troubles, ...found];
  const inSync = isInSync(report);
  const members = membersOf(cluster, report);
  const ready = members?.filter((member) => member.ready).length;
  const versions = members?.flatMap(({ version }) => version ?? []).toSorted();
  const pod = members?.find(({ role }) => role === 'Leader')?.pod;
  return stripped({
    observedGeneration: cluster.metadata.generation,
    conditions: conditionsOf(cluster, report, troubles, inSync, context.now()),
    clusterId,
    replicas: observed?.membership?.members.filter(votes).length ?? before.replicas ?? 0,
    readyReplicas: ready ?? 0,
    selector: Object.entries(selectorOf(cluster.metadata.name))
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    leader: observed === undefined ? before.leader : pod,
    term: leader?.status.term ?? before.term,
    version: versions?.[0] ?? before.version,
    members,
    settings: settingsOf(cluster, report, inSync),
    certificatesEnd: certificates?.certificatesEnd ?? before.certificatesEnd,
    lastBackup: report.lastBackup ?? before.lastBackup,
  });
}

/** The status of this very object: one that was deleted, or made anew meanwhile, is left alone. */
async function apply(
  { client, signal }: Context,
  cluster: AegisCluster,
  status: AegisClusterStatus,
): Promise<void> {
  const { name, namespace, uid } = cluster.metadata;
  const object = {
    apiVersion: API_VERSION,
    kind: 'AegisCluster',
    metadata: { name, namespace: namespace!, uid: uid! },
    status,
  } as unknown as AegisCluster;
  try {
    await client.apply(RESOURCES.clusters, object, { subresource: 'status', signal });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Without the fields that have no value: they are left out on the wire. */
function stripped(status: {
  [K in keyof AegisClusterStatus]: AegisClusterStatus[K] | undefined;
}): AegisClusterStatus {
  return Object.fromEntries(
    Object.entries(status).filter(([, value]) => value !== undefined),
  ) as AegisClusterStatus;
}

/** Fields in one order at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
