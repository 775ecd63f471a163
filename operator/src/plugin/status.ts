import { table } from '@aegis/client/terminal';
import type { AegisCluster } from '@aegis/crds';
import { EXIT } from './errors.js';
import type { Found } from './print.js';

/** What the operator says of clusters: of one in full, of several a line each. */
export function statusFound(clusters: readonly AegisCluster[]): Found {
  const json = clusters.map(({ metadata: { name, namespace }, status }) => ({ name, namespace, status }));
  const available = clusters.every((cluster) => conditionOf(cluster, 'Available') === 'True');
  const [only] = clusters;
  const status = available ? EXIT.ok : EXIT.unavailable;
  if (only === undefined) return { json, text: 'there is no AegisCluster in this namespace' };
  if (clusters.length === 1) return { json: json[0], text: oneText(only), status };
  const rows = clusters.map((cluster) => {
    const { metadata, spec, status: told } = cluster;
    const ready = `${told?.readyReplicas ?? 0}/${spec.replicas}`;
    return [
      metadata.name,
      ready,
      told?.leader ?? '-',
      conditionOf(cluster, 'Available'),
      told?.version ?? '-',
    ];
  });
  return { json, text: table(['NAME', 'READY', 'LEADER', 'AVAILABLE', 'VERSION'], rows), status };
}

function oneText({ metadata, spec, status }: AegisCluster): string {
  const name = `${metadata.namespace}/${metadata.name}`;
  if (status?.conditions === undefined)
    return `${name}: the operator has not looked at it yet. Does it run? See kubectl get pods --all-namespaces -l app.kubernetes.io/name=aegis-operator`;
  const { leader, term, readyReplicas = 0, members = [], conditions, lastBackup } = status;
  const leads = leader === undefined ? 'no leader' : `leader ${leader}, term ${term}`;
  const head = `${name}: ${leads} · ${readyReplicas} of ${spec.replicas} ready · profile ${spec.profile}`;
  const told = table(
    ['CONDITION', 'STATUS', 'REASON', 'MESSAGE'],
    conditions.map(({ type, status: is, reason, message }) => [type, is, reason, message]),
  );
  const who = table(
    ['ID', 'POD', 'ROLE', 'READY', 'LAG', 'VERSION'],
    members.map(({ id, pod, role, ready, lagEntries, version }) => [
      id,
      pod,
      role,
      ready ? 'yes' : 'NO',
      lagEntries ?? '-',
      version ?? '-',
    ]),
  );
  const backup = lastBackup === undefined ? [] : ['', `last backup ${lastBackup.time}: ${lastBackup.file}`];
  return [head, '', told, '', who, ...backup].join('\n');
}

function conditionOf({ status }: AegisCluster, type: string): string {
  return status?.conditions?.find((each) => each.type === type)?.status ?? 'Unknown';
}
