import { A_CLUSTER, A_MEMBER, type Alert, five, HOUR, MINUTE, series } from './alert.js';

const BY_CLUSTER = 'by (namespace, cluster)';

/** Who is there, and whether they agree on a leader. */
export const QUORUM_ALERTS: readonly Alert[] = [
  {
    name: 'AegisReplicaDown',
    severity: 'warning',
    expr: () => 'up{job="aegis"} == 0',
    forSeconds: 2 * MINUTE,
    summary: 'Replica {{ $labels.instance }} of {{ $labels.cluster }} does not answer',
    description:
      'Its page of metrics cannot be read: the process is gone or stands still, or the network is cut. The others go on while they are a majority.',
    runbook: 'agent/runbooks/frozen-process.md',
    trigger: { kind: 'trace', name: 'follower-paused' },
    fires: {
      series: { [series('up')]: '1x3 0x20', [series('up', 1)]: '1x30' },
      atMinutes: 5,
      labels: { job: 'aegis', ...A_MEMBER },
    },
    silent: { series: { [series('up')]: '1x10 0x3 1x20' }, atMinutes: 5 },
  },
  {
    name: 'AegisNoLeader',
    severity: 'critical',
    expr: () => `max ${BY_CLUSTER} (aegis_has_leader) == 0`,
    forSeconds: MINUTE,
    summary: '{{ $labels.cluster }} has no leader',
    description:
      'No member knows a leader: nothing is written, and nothing is read but stale values. Leases live on until there is one.',
    runbook: 'docs/lost-quorum.md',
    trigger: { kind: 'trace', name: 'no-quorum' },
    fires: {
      series: five('aegis_has_leader', ['0x20', '0x20', '0x20', '0x20', '0x20']),
      atMinutes: 3,
      labels: A_CLUSTER,
    },
    silent: { series: five('aegis_has_leader', ['1x20', '0x20', '0x20', '0x20', '0x20']), atMinutes: 3 },
  },
  {
    name: 'AegisQuorumAtRisk',
    severity: 'critical',
    expr: () =>
      `sum ${BY_CLUSTER} (aegis_has_leader) <= floor(count ${BY_CLUSTER} (up{job="aegis"}) / 2) + 1 ` +
      `and count ${BY_CLUSTER} (up{job="aegis"}) > 2`,
    forSeconds: MINUTE,
    summary: '{{ $labels.cluster }} stops when one more member is lost',
    description:
      'No more members follow a leader than are needed for a write. Bring back those that are missing before anything else is restarted.',
    runbook: 'docs/lost-quorum.md',
    trigger: { kind: 'trace', name: 'two-of-five-cut-off' },
    fires: {
      series: {
        ...five('up', ['1x20', '1x20', '1x20', '1x20', '0x20']),
        ...five('aegis_has_leader', ['1x20', '1x20', '1x20', '0x20', '_x20']),
      },
      atMinutes: 3,
      labels: A_CLUSTER,
    },
    silent: {
      series: {
        ...five('up', ['1x20', '1x20', '1x20', '1x20', '0x20']),
        ...five('aegis_has_leader', ['1x20', '1x20', '1x20', '1x20', '_x20']),
      },
      atMinutes: 3,
    },
  },
  {
    name: 'AegisReplicaWithoutLeader',
    severity: 'warning',
    expr: () => 'aegis_has_leader == 0',
    forSeconds: 2 * MINUTE,
    summary: 'Replica {{ $labels.instance }} of {{ $labels.cluster }} knows no leader',
    description: 'It answers and follows nobody: it is cut off from a majority, in at least one direction.',
    runbook: 'agent/runbooks/partial-partition.md',
    trigger: { kind: 'trace', name: 'leader-cut-off' },
    fires: {
      series: five('aegis_has_leader', ['0x20', '1x20', '1x20', '1x20', '1x20']),
      atMinutes: 4,
      labels: { job: 'aegis', ...A_MEMBER },
    },
    silent: { series: { [series('aegis_has_leader')]: '1x8 0x2 1x20' }, atMinutes: 4 },
  },
  {
    name: 'AegisLeaderChangesOften',
    severity: 'warning',
    // Each election counts twice on a member: the old leader is gone, the new one is there.
    expr: (over) => `max ${BY_CLUSTER} (increase(aegis_leader_changes_seen_total${over(15 * MINUTE)})) > 6`,
    forSeconds: 0,
    summary: '{{ $labels.cluster }} changes its leader again and again',
    description:
      'More than three elections within a quarter of an hour. Each stops writes for about an election timeout.',
    runbook: 'agent/runbooks/leader-pauses-make-elections.md',
    trigger: { kind: 'trace', name: 'leaders-killed-in-a-row' },
    fires: {
      series: { [series('aegis_leader_changes_seen_total')]: '2x20 2+1x40' },
      atMinutes: 14,
      labels: A_CLUSTER,
    },
    silent: { series: { [series('aegis_leader_changes_seen_total')]: '2x20 4x40' }, atMinutes: 14 },
  },
  {
    name: 'AegisStateDiffers',
    severity: 'critical',
    expr: (over) => `max ${BY_CLUSTER} (increase(aegis_state_hash_mismatch_total${over(HOUR)})) > 0`,
    forSeconds: 0,
    summary: 'Members of {{ $labels.cluster }} hold different states',
    description:
      'At one log index their hashes differ. A member that a majority contradicts ends itself; without a majority the cluster refuses writes.',
    runbook: 'docs/states-that-differ.md',
    trigger: { kind: 'states-differ' },
    fires: {
      series: { [series('aegis_state_hash_mismatch_total', 0, { kind: 'contents' })]: '0x20 1x200' },
      atMinutes: 20,
      labels: A_CLUSTER,
    },
    silent: {
      series: { [series('aegis_state_hash_mismatch_total', 0, { kind: 'contents' })]: '1x300' },
      atMinutes: 20,
    },
  },
];
