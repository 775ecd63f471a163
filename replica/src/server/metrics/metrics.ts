import type { Result } from '@aegis/proto/replica/command';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import type { ConsensusSettings } from '../../settings/index.js';
import { HASH_KINDS } from '../scrub/hash-book.js';

const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const SLOW_APPLY_MS = 100;
const SCRUB_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800];

/**
 * What a replica tells Prometheus. Names follow the suffixes of etcd that operators already alert on, with the
 * prefix `aegis_`.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly hasLeader = this.#gauge('has_leader', '1 while this replica knows a leader');
  readonly isLeader = this.#gauge('is_leader', '1 while this replica leads');
  readonly leaderChanges = this.#counter(
    'leader_changes_seen_total',
    'Changes of the leader that this replica saw',
  );
  readonly proposalsPending = this.#gauge('proposals_pending', 'Commands that wait for their answer');
  readonly proposalsFailed = this.#counter(
    'proposals_failed_total',
    'Commands answered with a failure of the cluster',
  );
  readonly commandsApplied = this.#counter('commands_applied_total', 'Commands applied to the state machine');
  readonly term = this.#gauge('raft_term', 'Current term');
  readonly commitIndex = this.#gauge('proposals_committed_index', 'Commit index');
  readonly appliedIndex = this.#gauge('proposals_applied_index', 'Applied index');
  readonly durableIndex = this.#gauge(
    'state_durable_index',
    'Applied index of the last synced write of the state',
  );
  readonly applyBacklog = this.#gauge('apply_backlog_entries', 'Entries committed and not yet applied');
  readonly slowApply = this.#counter('slow_apply_total', 'Turns in which applying took more than 100 ms');
  readonly walFsync = this.#histogram('wal_fsync_duration_seconds', 'Write and sync of one log batch');
  readonly applyDuration = this.#histogram('apply_duration_seconds', 'Applying of the entries of one turn');
  readonly stateFlush = this.#histogram(
    'state_flush_duration_seconds',
    'Coalesced write of dirty state to RocksDB',
  );
  readonly roundTrip = this.#histogram('peer_round_trip_time_seconds', 'Round trip to a peer', ['to']);
  readonly clockOffset = this.#gauge('peer_clock_offset_seconds', 'Wall clock of a peer minus ours', ['to']);
  readonly clockOffsetAlert = this.#gauge(
    'peer_clock_offset_alert',
    '1 while the wall clock of a peer is off by more than clockOffsetAlertMs',
    ['to'],
  );
  readonly followerLag = this.#gauge(
    'follower_lag_entries',
    'Leader only: entries that a member has not on disk',
    ['to'],
  );
  readonly peerRefused = this.#counter(
    'peer_frames_refused_total',
    'Peer connections and frames that were dropped',
  );
  readonly alarms = this.#gauge('alarms', '1 for each alarm that stands raised in the cluster', [
    'kind',
    'about',
  ]);
  readonly diskFull = this.#gauge(
    'disk_full',
    '1 while the disk of this replica has no room for the reserves of its log, or for its state',
  );
  readonly kvBytes = this.#gauge('kv_bytes', 'What the keys and their history hold');
  readonly kvQuota = this.#gauge('kv_quota_bytes', 'What the keys and their history may hold; 0: no limit');
  readonly logFirstIndex = this.#gauge(
    'log_first_index',
    'Index of the first entry that the log still holds',
  );
  readonly logLastIndex = this.#gauge('log_last_index', 'Index of the newest entry of the log');
  readonly snapshotsSent = this.#counter('snapshots_sent_total', 'Snapshots that a follower took in whole');
  readonly snapshotBytesSent = this.#counter(
    'snapshot_sent_bytes_total',
    'Rows of snapshots sent, counted at the end of each transfer',
  );
  readonly snapshotSendFailures = this.#counter(
    'snapshot_send_failures_total',
    'Transfers that failed or were cancelled',
  );
  readonly snapshotsInstalled = this.#counter(
    'snapshots_installed_total',
    'Snapshots that became the state of this replica',
  );
  readonly snapshotBytesReceived = this.#counter(
    'snapshot_received_bytes_total',
    'Rows of snapshots received',
  );
  readonly snapshotsRefused = this.#counter(
    'snapshots_refused_total',
    'Snapshots offered to this replica that it did not take',
  );
  readonly scrubs = this.#counter('scrub_runs_total', 'Scrubs of all rows that came to their end');
  readonly scrubFailures = this.#counter('scrub_failures_total', 'Scrubs that could not read all rows');
  readonly scrubDuration = this.#histogram(
    'scrub_duration_seconds',
    'Hashing of all rows, a piece now and then',
    [],
    SCRUB_SECONDS,
  );
  readonly scrubRunning = this.#gauge('scrub_running', '1 while the rows are being hashed');
  readonly scrubIndex = this.#gauge('scrub_last_index', 'Log index of the last scrub that came to its end');
  readonly hashesAgreed = this.#counter(
    'state_hash_agreed_total',
    'Log indexes at which all members had the same hash, by kind',
    ['kind'],
  );
  readonly hashAgreedIndex = this.#gauge(
    'state_hash_agreed_index',
    'The last log index at which all members had the same hash, by kind',
    ['kind'],
  );
  readonly hashMismatches = this.#counter(
    'state_hash_mismatch_total',
    'Log indexes at which members had different hashes, by kind',
    ['kind'],
  );
  readonly backupsSent = this.#counter('backups_sent_total', 'Backups that a client took in whole');
  readonly backupBytesSent = this.#counter(
    'backup_sent_bytes_total',
    'Bytes of backups sent, counted at the end of each',
  );
  readonly backupFailures = this.#counter(
    'backup_failures_total',
    'Backups that ended before they were whole',
  );
  readonly leases = this.#gauge('leases', 'Leases that live');
  readonly locks = this.#gauge('locks', 'Locks and elections in use');
  readonly elections = this.#gauge('elections', 'Elections in use');
  readonly lockWaiters = this.#gauge('lock_queue_depth', 'Claims that wait in queues');
  readonly leaseExpiries = this.#counter('lease_expired_total', 'Leases ended by expiry');
  readonly grants = this.#gauge('newest_fencing_token', 'Fencing token of the newest grant');
  readonly watches = this.#gauge('watches', 'Watches open on this replica');
  readonly slowWatches = this.#gauge(
    'slow_watches',
    'Watches of keys that are behind: their clients do not read as fast as changes come, or they began in the past',
  );
  readonly streams = this.#gauge('session_streams', 'Session streams open on this replica');
  readonly streamsOpened = this.#counter(
    'session_streams_opened_total',
    'Session streams that clients opened on this replica',
  );
  readonly operations = this.#counter(
    'client_operations_total',
    'Operations that clients asked of this replica, reads too',
  );
  readonly heartbeatInterval = this.#gauge('heartbeat_interval_seconds', 'heartbeatIntervalMs in effect');
  readonly electionTimeout = this.#gauge('election_timeout_seconds', 'electionTimeoutMs in effect');
  readonly unsent = this.#gauge(
    'session_unsent_bytes',
    'Answers and events that wait for clients of session streams to read',
  );

  /** `process`: whether the metrics of this process are among them. */
  constructor({ process }: { readonly process: boolean } = { process: true }) {
    // Told from the beginning: of a count that is there for the first time nobody sees that it grew.
    for (const kind of HASH_KINDS)
      for (const hashes of [this.hashesAgreed, this.hashMismatches]) hashes.inc({ kind }, 0);
    if (!process) return;
    collectDefaultMetrics({ register: this.registry, prefix: 'aegis_', eventLoopMonitoringPrecision: 10 });
    // Told from the beginning: a replica that has not collected yet has collected nothing, and is not one that does not say.
    const collections = this.registry.getSingleMetric(
      'aegis_nodejs_gc_duration_seconds',
    ) as Histogram<'kind'>;
    for (const kind of ['minor', 'major', 'incremental', 'weakcb']) collections.zero({ kind });
  }

  /** The lines of these metrics; what there is not is passed over. */
  async only(names: readonly string[]): Promise<string> {
    const wanted = this.registry.getMetricsAsArray().filter(({ name }) => names.includes(name));
    const texts = await Promise.all(wanted.map(({ name }) => this.registry.getSingleMetricAsString(name)));
    return `${texts.join('\n\n')}\n`;
  }

  settingsInEffect({ heartbeatIntervalMs, electionTimeoutMs }: ConsensusSettings): void {
    this.heartbeatInterval.set(heartbeatIntervalMs / 1000);
    this.electionTimeout.set(electionTimeoutMs / 1000);
  }

  logWritten(ms: number): void {
    this.walFsync.observe(ms / 1000);
  }

  appliedIn(ms: number, entries: number): void {
    if (entries > 0) this.applyDuration.observe(ms / 1000);
    if (ms > SLOW_APPLY_MS) this.slowApply.inc();
  }

  /** Counts what the commands of one batch came to. */
  applied(results: readonly Result[]): void {
    this.commandsApplied.inc(results.length);
    for (const { result } of results) {
      if (result?.$case === 'expired') this.leaseExpiries.inc(result.value.leases);
    }
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `aegis_${name}`, help, labelNames, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `aegis_${name}`, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[] = [], buckets = SECONDS): Histogram {
    return new Histogram({
      name: `aegis_${name}`,
      help,
      labelNames,
      buckets,
      registers: [this.registry],
    });
  }
}
