import type { Standing } from '@aegis/client/config';
import type { LinkLive, ReplicaLive, Role } from '../page/wire.js';
import { KEPT_MS, type Readings } from './readings.js';

export type StandingMember = Standing['members'][number];

/** What is asked of a replica, and no more: a whole page would begin the maximum of its event loop anew. */
export const LIVE_METRICS = [
  'aegis_has_leader',
  'aegis_is_leader',
  'aegis_raft_term',
  'aegis_proposals_committed_index',
  'aegis_proposals_applied_index',
  'aegis_wal_fsync_duration_seconds',
  'aegis_peer_round_trip_time_seconds',
  'aegis_peer_clock_offset_seconds',
  'aegis_follower_lag_entries',
  'aegis_client_operations_total',
  'aegis_leases',
  'aegis_lock_queue_depth',
  'aegis_watches',
  'aegis_session_streams',
  'aegis_disk_full',
  'aegis_alarms',
  'aegis_process_start_time_seconds',
] as const;

const ROUND_TRIP = 'aegis_peer_round_trip_time_seconds';
/** Loss over less than this says nothing: a probe goes once a second. */
const LOSS_SPAN_MS = 4_000;

/** A member with what it told lately, and when it last did. */
export interface Watched {
  readonly member: StandingMember;
  readonly readings: Readings;
  readonly answeredAt: number | null;
}

/** All replicas as they are drawn; what is told of lag is the leader's word. */
export function replicasOf(watched: readonly Watched[]): ReplicaLive[] {
  const leader = leaderOf(watched);
  return watched.map((each) => replicaOf(each, watched, leader));
}

/** The one that leads in the newest term: one that was deposed and does not know it yet is none. */
function leaderOf(watched: readonly Watched[]): Watched | undefined {
  const term = ({ readings }: Watched): number => readings.stands('aegis_raft_term') ?? 0;
  return watched
    .filter(({ readings }) => readings.stands('aegis_is_leader') === 1)
    .toSorted((a, b) => term(b) - term(a))[0];
}

function replicaOf(
  { member, readings, answeredAt }: Watched,
  all: readonly Watched[],
  leader: Watched | undefined,
): ReplicaLive {
  const fsync = 'aegis_wal_fsync_duration_seconds';
  const own = leader?.member.id === member.id;
  return {
    name: member.name,
    role: roleOf(readings, own),
    missing: readings.missing,
    answeredAt,
    term: readings.stands('aegis_raft_term'),
    committed: readings.stands('aegis_proposals_committed_index'),
    applied: readings.stands('aegis_proposals_applied_index'),
    lag: own
      ? 0
      : (leader?.readings.overLink(String(member.id), 'aegis_follower_lag_entries', 'stands') ?? null),
    commitsPerSecond: readings.over('aegis_proposals_committed_index', 'rate'),
    operationsPerSecond: readings.over('aegis_client_operations_total', 'rate'),
    fsyncMeanSeconds: readings.over(fsync, 'mean'),
    fsyncP99Seconds: readings.over(fsync, 'p99'),
    leases: readings.stands('aegis_leases'),
    waiters: readings.stands('aegis_lock_queue_depth'),
    watches: readings.stands('aegis_watches'),
    streams: readings.stands('aegis_session_streams'),
    diskFull: readings.stands('aegis_disk_full') === 1,
    alarms: readings.stands('aegis_alarms'),
    links: all
      .filter(({ member: other }) => other.id !== member.id)
      .map(({ member: other }) => linkOf(readings, other)),
  };
}

function roleOf(readings: Readings, leads: boolean): Role {
  if (readings.newest === undefined) return 'silent';
  if (leads) return 'leader';
  return readings.stands('aegis_has_leader') === 1 ? 'follower' : 'leaderless';
}

function linkOf(readings: Readings, { name, id }: StandingMember): LinkLive {
  const to = String(id);
  const answered = readings.spanMs < LOSS_SPAN_MS ? null : readings.overLink(to, ROUND_TRIP, 'rate', KEPT_MS);
  return {
    to: name,
    roundTripSeconds: readings.overLink(to, ROUND_TRIP, 'median'),
    loss: answered === null ? null : lossOf(answered, readings.spanMs),
    clockOffsetSeconds: readings.overLink(to, 'aegis_peer_clock_offset_seconds', 'stands'),
  };
}

/** One probe may be on its way at either end of the time that is looked at. */
function lossOf(answeredPerSecond: number, spanMs: number): number {
  const due = Math.max(1, spanMs / 1_000 - 1);
  return Math.min(1, Math.max(0, 1 - (answeredPerSecond * (spanMs / 1_000)) / due));
}
