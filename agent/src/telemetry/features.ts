/** What a feature counts. */
export type Unit = 'flag' | 'seconds' | 'entries' | 'per second' | 'share' | 'bytes' | 'number';

/**
 * How a feature comes from its metric: as it stands; by how much it grew a second (`rate` of what only grows, `growth` of what may
 * shrink); of what grew, the mean, a quantile, or the bound under which all of it was.
 */
export type Derivation =
  'stands' | 'rate' | 'growth' | 'mean' | 'median' | 'p99' | 'max' | 'sumRate' | 'changed';

export interface Feature {
  readonly unit: Unit;
  readonly metric: string;
  readonly how: Derivation;
  readonly doc: string;
}

const feature = (unit: Unit, metric: string, how: Derivation, doc: string): Feature => ({
  unit,
  metric: `aegis_${metric}`,
  how,
  doc,
});

/** Of every replica. The texts are their reference in docs/telemetry.md. */
export const REPLICA_FEATURES = {
  hasLeader: feature('flag', 'has_leader', 'stands', 'It knows a leader.'),
  leads: feature('flag', 'is_leader', 'stands', 'It leads.'),
  term: feature('number', 'raft_term', 'stands', 'Its term.'),
  leaderChanges: feature(
    'per second',
    'leader_changes_seen_total',
    'rate',
    'Changes of the leader that it saw.',
  ),
  restarted: feature(
    'flag',
    'process_start_time_seconds',
    'changed',
    'It was started anew since the last scrape.',
  ),
  pending: feature('number', 'proposals_pending', 'stands', 'Commands that wait for their answer.'),
  failed: feature('per second', 'proposals_failed_total', 'rate', 'Commands that the cluster failed.'),
  committed: feature(
    'per second',
    'proposals_committed_index',
    'rate',
    'Entries committed, as far as it knows.',
  ),
  applied: feature('per second', 'commands_applied_total', 'rate', 'Commands applied.'),
  backlog: feature('entries', 'apply_backlog_entries', 'stands', 'Entries committed and not applied.'),
  fsyncMean: feature('seconds', 'wal_fsync_duration_seconds', 'mean', 'Write and sync of a log batch.'),
  fsyncMedian: feature('seconds', 'wal_fsync_duration_seconds', 'median', 'Half of them took longer.'),
  fsyncMax: feature('seconds', 'wal_fsync_duration_seconds', 'max', 'A bound that none of them passed.'),
  fsyncP99: feature('seconds', 'wal_fsync_duration_seconds', 'p99', 'The slowest hundredth of them.'),
  fsyncs: feature('per second', 'wal_fsync_duration_seconds', 'rate', 'How many there were.'),
  fsyncBusy: feature(
    'share',
    'wal_fsync_duration_seconds',
    'sumRate',
    'The part of the time that was spent with them.',
  ),
  applyP99: feature(
    'seconds',
    'apply_duration_seconds',
    'p99',
    'Applying of one turn, the slowest hundredth.',
  ),
  slowApplies: feature('per second', 'slow_apply_total', 'rate', 'Turns of applying above 100 ms.'),
  flushP99: feature(
    'seconds',
    'state_flush_duration_seconds',
    'p99',
    'Writes of the state, the slowest hundredth.',
  ),
  loopMax: feature(
    'seconds',
    'nodejs_eventloop_lag_max_seconds',
    'stands',
    'The longest time that its event loop stood still since the last scrape.',
  ),
  loopMedian: feature('seconds', 'nodejs_eventloop_lag_p50_seconds', 'stands', 'Half of its turns.'),
  loopP99: feature(
    'seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'stands',
    'The slowest hundredth of its turns.',
  ),
  gcBusy: feature(
    'share',
    'nodejs_gc_duration_seconds',
    'sumRate',
    'The part of the time that was spent with garbage.',
  ),
  cpu: feature('share', 'process_cpu_seconds_total', 'rate', 'Processors that it used.'),
  memory: feature('bytes', 'process_resident_memory_bytes', 'stands', 'Its resident memory.'),
  diskFull: feature('flag', 'disk_full', 'stands', 'Its disk has no room for its reserves.'),
  refused: feature(
    'per second',
    'peer_frames_refused_total',
    'rate',
    'Frames and connections of peers that it dropped.',
  ),
  snapshotsSent: feature(
    'per second',
    'snapshots_sent_total',
    'rate',
    'Snapshots that a follower took from it.',
  ),
  snapshotsInstalled: feature(
    'per second',
    'snapshots_installed_total',
    'rate',
    'Snapshots that became its state.',
  ),
  leases: feature('number', 'leases', 'stands', 'Leases that live.'),
  leasesExpired: feature('per second', 'lease_expired_total', 'rate', 'Leases that ended by expiry.'),
  lockQueue: feature('number', 'lock_queue_depth', 'stands', 'Claims that wait in queues.'),
  watches: feature('number', 'watches', 'stands', 'Watches open.'),
  slowWatches: feature('number', 'slow_watches', 'stands', 'Watches that are behind.'),
  streams: feature('number', 'session_streams', 'stands', 'Streams of sessions open.'),
  streamsOpened: feature('per second', 'session_streams_opened_total', 'rate', 'Streams of sessions opened.'),
  operations: feature('per second', 'client_operations_total', 'rate', 'What its clients asked for.'),
  unsent: feature('bytes', 'session_unsent_bytes', 'stands', 'What waits for clients to read.'),
  kvGrowth: feature('bytes', 'kv_bytes', 'growth', 'By how much keys and their history grew a second.'),
  committedIndex: feature('number', 'proposals_committed_index', 'stands', 'Its commit index.'),
  appliedIndex: feature('number', 'proposals_applied_index', 'stands', 'Its applied index.'),
  firstIndex: feature('number', 'log_first_index', 'stands', 'The first entry that its log holds.'),
  heartbeatInterval: feature('seconds', 'heartbeat_interval_seconds', 'stands', 'The setting in effect.'),
  electionTimeout: feature('seconds', 'election_timeout_seconds', 'stands', 'The setting in effect.'),
} as const satisfies Readonly<Record<string, Feature>>;

/** Of every direction between two replicas, as the first one sees it. */
export const LINK_FEATURES = {
  roundTripMean: feature('seconds', 'peer_round_trip_time_seconds', 'mean', 'Round trip.'),
  roundTripMedian: feature('seconds', 'peer_round_trip_time_seconds', 'median', 'Half of them took longer.'),
  roundTripP99: feature('seconds', 'peer_round_trip_time_seconds', 'p99', 'The slowest hundredth of them.'),
  roundTrips: feature('per second', 'peer_round_trip_time_seconds', 'rate', 'How many were answered.'),
  clockOffset: feature(
    'seconds',
    'peer_clock_offset_seconds',
    'stands',
    'The wall clock of the peer less its own.',
  ),
  lag: feature(
    'entries',
    'follower_lag_entries',
    'stands',
    'Entries that the peer has not on disk; told by the leader alone.',
  ),
} as const satisfies Readonly<Record<string, Feature>>;

export type ReplicaFeature = keyof typeof REPLICA_FEATURES;
export type LinkFeature = keyof typeof LINK_FEATURES;
