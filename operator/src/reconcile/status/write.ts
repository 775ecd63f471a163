import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import { selectorOf } from '../../build/names.js';
import type { Context } from '../../context.js';
import { RESOURCES } from '../../kube/resource.js';
import { applyStatus, present, sameStatus } from '../../kube/status.js';
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
  await applyStatus(context, RESOURCES.clusters, cluster, { ...cluster.status, clusterId });
}

/** Writes what was found, if it is not what stands there already. */
export async function writeStatus(context: Context, cluster: AegisCluster, report: Report): Promise<void> {
  const status = statusOf(context, cluster, report);
  if (sameStatus(status, cluster.status ?? {})) return;
  await applyStatus(context, RESOURCES.clusters, cluster, status);
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
  return present<AegisClusterStatus>({
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
