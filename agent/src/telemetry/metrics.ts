/** Of which kind a metric is: what it stands at, what it has grown to since the process began, or how often values were of which size. */
export type MetricKind = 'gauge' | 'counter' | 'histogram';

export interface Metric {
  readonly kind: MetricKind;
  /** One for each peer, by the label `to`. */
  readonly link?: true;
}

/** What is read of a replica's page, by the name that it has there; other labels are added up. All else on the page is passed over. */
export const METRICS: Readonly<Record<string, Metric>> = {
  aegis_has_leader: { kind: 'gauge' },
  aegis_is_leader: { kind: 'gauge' },
  aegis_raft_term: { kind: 'gauge' },
  aegis_leader_changes_seen_total: { kind: 'counter' },
  aegis_proposals_pending: { kind: 'gauge' },
  aegis_proposals_failed_total: { kind: 'counter' },
  aegis_proposals_committed_index: { kind: 'gauge' },
  aegis_proposals_applied_index: { kind: 'gauge' },
  aegis_commands_applied_total: { kind: 'counter' },
  aegis_apply_backlog_entries: { kind: 'gauge' },
  aegis_slow_apply_total: { kind: 'counter' },
  aegis_wal_fsync_duration_seconds: { kind: 'histogram' },
  aegis_apply_duration_seconds: { kind: 'histogram' },
  aegis_state_flush_duration_seconds: { kind: 'histogram' },
  aegis_peer_round_trip_time_seconds: { kind: 'histogram', link: true },
  aegis_peer_clock_offset_seconds: { kind: 'gauge', link: true },
  aegis_follower_lag_entries: { kind: 'gauge', link: true },
  aegis_peer_frames_refused_total: { kind: 'counter' },
  aegis_disk_full: { kind: 'gauge' },
  aegis_alarms: { kind: 'gauge' },
  aegis_kv_bytes: { kind: 'gauge' },
  aegis_kv_quota_bytes: { kind: 'gauge' },
  aegis_log_first_index: { kind: 'gauge' },
  aegis_snapshots_sent_total: { kind: 'counter' },
  aegis_snapshot_send_failures_total: { kind: 'counter' },
  aegis_snapshots_installed_total: { kind: 'counter' },
  aegis_leases: { kind: 'gauge' },
  aegis_lock_queue_depth: { kind: 'gauge' },
  aegis_lease_expired_total: { kind: 'counter' },
  aegis_watches: { kind: 'gauge' },
  aegis_slow_watches: { kind: 'gauge' },
  aegis_session_streams: { kind: 'gauge' },
  aegis_session_unsent_bytes: { kind: 'gauge' },
  aegis_session_streams_opened_total: { kind: 'counter' },
  aegis_client_operations_total: { kind: 'counter' },
  aegis_heartbeat_interval_seconds: { kind: 'gauge' },
  aegis_election_timeout_seconds: { kind: 'gauge' },
  aegis_process_cpu_seconds_total: { kind: 'counter' },
  aegis_process_start_time_seconds: { kind: 'gauge' },
  aegis_process_resident_memory_bytes: { kind: 'gauge' },
  aegis_nodejs_eventloop_lag_max_seconds: { kind: 'gauge' },
  aegis_nodejs_eventloop_lag_p50_seconds: { kind: 'gauge' },
  aegis_nodejs_eventloop_lag_p99_seconds: { kind: 'gauge' },
  aegis_nodejs_gc_duration_seconds: { kind: 'histogram' },
};
