import { A_CLUSTER, A_MEMBER, type Alert, HOUR, MINUTE, type Series, series } from './alert.js';

const MIB = 1024 * 1024;
const BY_CLUSTER = 'by (namespace, cluster)';
const BY_MEMBER = 'by (namespace, cluster, instance)';
const FSYNC = 'aegis_wal_fsync_duration_seconds';

/** Syncs of one member: how many ended within each bound, as counters that grow by so much every 15 seconds. */
function syncs(within: Readonly<Record<string, number>>): Series {
  return Object.fromEntries(
    Object.entries(within).map(([le, step]) => [series(`${FSYNC}_bucket`, 0, { le }), `0+${step}x80`]),
  );
}

/** Disks, and what is kept on them. */
export const STORAGE_ALERTS: readonly Alert[] = [
  {
    name: 'AegisLogSyncSlow',
    severity: 'warning',
    expr: (over) =>
      `histogram_quantile(0.99, sum by (namespace, cluster, instance, le) (rate(${FSYNC}_bucket${over(5 * MINUTE)}))) > 0.05`,
    forSeconds: 5 * MINUTE,
    summary: 'The disk of {{ $labels.instance }} of {{ $labels.cluster }} syncs slowly',
    description:
      'The slowest hundredth of log syncs takes more than 50 ms. If it leads, every write waits for them.',
    runbook: 'agent/runbooks/slow-disk-on-the-leader.md',
    trigger: { kind: 'trace', name: 'slow-disk-on-the-leader' },
    fires: { series: syncs({ '0.05': 10, '0.1': 100, '+Inf': 100 }), atMinutes: 15, labels: A_MEMBER },
    silent: { series: syncs({ '0.05': 100, '0.1': 100, '+Inf': 100 }), atMinutes: 15 },
  },
  {
    name: 'AegisLogSyncStalls',
    severity: 'warning',
    // Since version 3 Prometheus writes the bound 1 as 1.0.
    expr: (over) =>
      `sum ${BY_MEMBER} (increase(${FSYNC}_bucket{le="+Inf"}${over(10 * MINUTE)})) - ` +
      `sum ${BY_MEMBER} (increase(${FSYNC}_bucket{le=~"1|1.0"}${over(10 * MINUTE)})) > 1.5`,
    forSeconds: 0,
    summary: 'The disk of {{ $labels.instance }} of {{ $labels.cluster }} stops for seconds',
    description:
      'More than one log sync took longer than a second within ten minutes: a device that is throttled, failing, or shared with somebody who syncs a lot.',
    runbook: 'agent/runbooks/stalling-disk.md',
    trigger: { kind: 'trace', name: 'stalling-disk-on-the-leader' },
    fires: { series: syncs({ '1': 99, '+Inf': 100 }), atMinutes: 15, labels: A_MEMBER },
    silent: { series: syncs({ '1': 100, '+Inf': 100 }), atMinutes: 15 },
  },
  {
    name: 'AegisDiskFull',
    severity: 'critical',
    expr: () => 'aegis_disk_full == 1',
    forSeconds: 0,
    summary: 'The disk of {{ $labels.instance }} of {{ $labels.cluster }} is full',
    description:
      'There is no room for the reserves of its log, or for its state. The cluster refuses growth until there is; reads, deletes and keepalives go on.',
    runbook: 'agent/runbooks/full-disk.md',
    trigger: { kind: 'trace', name: 'full-disk-on-a-follower' },
    fires: {
      series: { [series('aegis_disk_full')]: '0x5 1x10' },
      atMinutes: 2,
      labels: { job: 'aegis', ...A_MEMBER },
    },
    silent: { series: { [series('aegis_disk_full')]: '0x20' }, atMinutes: 2 },
  },
  {
    name: 'AegisNoSpaceAlarm',
    severity: 'critical',
    expr: () => 'max by (namespace, cluster, about) (aegis_alarms{kind="NO_SPACE"}) == 1',
    forSeconds: 0,
    summary: '{{ $labels.cluster }} refuses growth: member {{ $labels.about }} has no space',
    description:
      'The whole cluster refuses what would make the state grow, until that member has room again.',
    runbook: 'agent/runbooks/full-disk.md',
    trigger: { kind: 'trace', name: 'full-disk-on-the-leader' },
    fires: {
      series: { [series('aegis_alarms', 0, { kind: 'NO_SPACE', about: '2' })]: '_x3 1x10' },
      atMinutes: 2,
      labels: { ...A_CLUSTER, about: '2' },
    },
    silent: { series: { [series('aegis_alarms', 0, { kind: 'QUOTA', about: '0' })]: '1x10' }, atMinutes: 2 },
  },
  {
    name: 'AegisCorruptAlarm',
    severity: 'critical',
    expr: () => 'max by (namespace, cluster) (aegis_alarms{kind="CORRUPT"}) == 1',
    forSeconds: 0,
    summary: '{{ $labels.cluster }} refuses writes: no state has a majority',
    description:
      'Members disagree about the state and none is confirmed by a majority. People have to decide which one is right.',
    runbook: 'docs/states-that-differ.md',
    trigger: { kind: 'states-differ' },
    fires: {
      series: { [series('aegis_alarms', 0, { kind: 'CORRUPT', about: '0' })]: '1x10' },
      atMinutes: 2,
      labels: A_CLUSTER,
    },
    silent: {
      series: { [series('aegis_alarms', 0, { kind: 'NO_SPACE', about: '0' })]: '1x10' },
      atMinutes: 2,
    },
  },
  {
    name: 'AegisQuotaNear',
    severity: 'warning',
    expr: () => `max ${BY_CLUSTER} (aegis_kv_bytes / (aegis_kv_quota_bytes > 0)) > 0.8`,
    forSeconds: 5 * MINUTE,
    summary: 'The keys of {{ $labels.cluster }} are near their quota',
    description:
      'Keys and their history hold more than four fifths of kvQuotaBytes. Compact the history, delete keys, or raise the quota; at the quota puts are refused.',
    runbook: 'docs/limits.md',
    trigger: { kind: 'trace-with-settings', name: 'huge-values', settings: { kvQuotaBytes: 64 * MIB } },
    fires: {
      series: { [series('aegis_kv_bytes')]: '90x40', [series('aegis_kv_quota_bytes')]: '100x40' },
      atMinutes: 8,
      labels: A_CLUSTER,
    },
    silent: {
      series: { [series('aegis_kv_bytes')]: '90x40', [series('aegis_kv_quota_bytes')]: '0x40' },
      atMinutes: 8,
    },
  },
  {
    name: 'AegisSnapshotLoop',
    severity: 'warning',
    expr: (over) => `max ${BY_MEMBER} (increase(aegis_snapshots_installed_total${over(HOUR)})) > 2.5`,
    forSeconds: 0,
    summary: '{{ $labels.instance }} of {{ $labels.cluster }} needs one snapshot after the other',
    description:
      'The log is cut before a member that was away has caught up. Look at logRetentionEntries and snapshotThresholdEntries.',
    runbook: 'agent/runbooks/follower-needs-snapshots.md',
    trigger: { kind: 'trace-with-settings', name: 'snapshot-loop' },
    fires: {
      series: { [series('aegis_snapshots_installed_total')]: '0x20 1x20 2x20 3x20 4x200' },
      atMinutes: 30,
      labels: A_MEMBER,
    },
    silent: { series: { [series('aegis_snapshots_installed_total')]: '0x20 1x300' }, atMinutes: 30 },
  },
];
