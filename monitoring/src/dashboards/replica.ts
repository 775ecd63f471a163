import { type Dashboard, eachMember, lines, OF_CLUSTER, quantileOfEach, rateOfEach } from './panel.js';

const shareOf = (metric: string) => ({
  expr: `sum by (instance) (rate(${metric}{${OF_CLUSTER}}[$__rate_interval]))`,
  legend: '{{instance}}',
});

/** Why a member is slow: layer by layer, from the disk upwards. */
export const replica: Dashboard = {
  uid: 'aegis-replica',
  title: 'AEGIS / Replica',
  about:
    'What each replica does with its disk, processor, memory and links: where the cause of slowness is looked for.',
  chosenBy: 'aegis_has_leader',
  panels: [
    lines(
      'Log sync, 99th percentile',
      's',
      'Write and sync of one log batch. Every acknowledged write waits for it on a majority.',
      [quantileOfEach(0.99, 'aegis_wal_fsync_duration_seconds')],
    ),
    lines('Time spent with log syncs', 'percentunit', 'Near one the disk is the limit.', [
      shareOf('aegis_wal_fsync_duration_seconds_sum'),
    ]),
    lines('Apply, 99th percentile', 's', 'Applying the entries of one turn to the state.', [
      quantileOfEach(0.99, 'aegis_apply_duration_seconds'),
    ]),
    lines('Slow applies', 'ops', 'Turns in which applying took more than 100 ms.', [
      rateOfEach('aegis_slow_apply_total'),
    ]),
    lines('State flush, 99th percentile', 's', 'Coalesced write of the state to RocksDB.', [
      quantileOfEach(0.99, 'aegis_state_flush_duration_seconds'),
    ]),
    lines(
      'Entries committed and not applied',
      'short',
      'A backlog that grows: applying is slower than committing.',
      [eachMember('aegis_apply_backlog_entries')],
    ),
    lines(
      'Longest stop of the event loop',
      's',
      'Since the last scrape. A leader that stops for an election timeout is deposed.',
      [eachMember('aegis_nodejs_eventloop_lag_max_seconds')],
    ),
    lines('Time spent with garbage', 'percentunit', 'Collection of garbage stops everything else.', [
      shareOf('aegis_nodejs_gc_duration_seconds_sum'),
    ]),
    lines(
      'Processors used',
      'percentunit',
      'One is a whole processor; a replica uses little more than one.',
      [rateOfEach('aegis_process_cpu_seconds_total')],
    ),
    lines('Resident memory', 'bytes', 'The index of the state is in memory.', [
      eachMember('aegis_process_resident_memory_bytes'),
    ]),
    lines('Keys and their history', 'bytes', 'What they hold, and what they may hold (0: no limit).', [
      { expr: `aegis_kv_bytes{${OF_CLUSTER}}`, legend: '{{instance}}' },
      { expr: `max by (cluster) (aegis_kv_quota_bytes{${OF_CLUSTER}})`, legend: '{{cluster}} quota' },
    ]),
    lines(
      'Disk full',
      'bool_yes_no',
      'No room for the reserves of the log or for the state: growth is refused.',
      [eachMember('aegis_disk_full')],
    ),
    lines(
      'Entries that the log holds',
      'short',
      'It grows until a snapshot lets the log forget its beginning.',
      [
        {
          expr: `aegis_log_last_index{${OF_CLUSTER}} - aegis_log_first_index{${OF_CLUSTER}}`,
          legend: '{{instance}}',
        },
      ],
    ),
    lines('Snapshots', 'short', 'Taken in whole by followers, and installed, within the last ten minutes.', [
      { expr: `increase(aegis_snapshots_sent_total{${OF_CLUSTER}}[10m])`, legend: '{{instance}} sent' },
      {
        expr: `increase(aegis_snapshots_installed_total{${OF_CLUSTER}}[10m])`,
        legend: '{{instance}} installed',
      },
      {
        expr: `increase(aegis_snapshot_send_failures_total{${OF_CLUSTER}}[10m])`,
        legend: '{{instance}} failed',
      },
    ]),
    lines('Snapshot bytes', 'Bps', 'Bounded by snapshotBytesPerSecond.', [
      {
        expr: `rate(aegis_snapshot_sent_bytes_total{${OF_CLUSTER}}[$__rate_interval])`,
        legend: '{{instance}} sent',
      },
      {
        expr: `rate(aegis_snapshot_received_bytes_total{${OF_CLUSTER}}[$__rate_interval])`,
        legend: '{{instance}} received',
      },
    ]),
    lines('Frames of peers refused', 'ops', 'Wrong cluster, wrong certificate, or damaged.', [
      rateOfEach('aegis_peer_frames_refused_total'),
    ]),
    lines(
      'Scrubs',
      'short',
      'Hashing of all rows: ended, and unable to read all rows, since the process began.',
      [
        { expr: `aegis_scrub_runs_total{${OF_CLUSTER}}`, legend: '{{instance}} ended' },
        { expr: `aegis_scrub_failures_total{${OF_CLUSTER}}`, legend: '{{instance}} failed' },
      ],
    ),
    lines('Backups', 'short', 'Sent in whole, and ended before they were whole, since the process began.', [
      { expr: `aegis_backups_sent_total{${OF_CLUSTER}}`, legend: '{{instance}} sent' },
      { expr: `aegis_backup_failures_total{${OF_CLUSTER}}`, legend: '{{instance}} failed' },
    ]),
  ],
};
