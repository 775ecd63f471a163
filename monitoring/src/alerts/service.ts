import { commandWait } from '../promql/wait.js';
import { A_CLUSTER, A_MEMBER, type Alert, MINUTE, type Series, series } from './alert.js';

const BY_CLUSTER = 'by (namespace, cluster)';
const RTT = 'aegis_peer_round_trip_time_seconds';
const MEMBER_TO = 'namespace, cluster, instance';

function trips(within: Readonly<Record<string, number>>): Series {
  const buckets = Object.entries(within).map(([le, step]): [string, string] => [
    series(`${RTT}_bucket`, 0, { to: '2', le }),
    `0+${step}x80`,
  ]);
  return { ...Object.fromEntries(buckets), [series('aegis_election_timeout_seconds')]: '1x80' };
}

/** Links, clocks, load, and what clients feel of them. */
export const SERVICE_ALERTS: readonly Alert[] = [
  {
    name: 'AegisFollowerLags',
    severity: 'warning',
    expr: () => 'max by (namespace, cluster, to) (aegis_follower_lag_entries) > 1000',
    forSeconds: 2 * MINUTE,
    summary: 'Member {{ $labels.to }} of {{ $labels.cluster }} is far behind',
    description:
      'It lacks more than a thousand entries for minutes: it stands still, its disk or its link is slow, or it gets no processor. Until it has caught up it does not count.',
    runbook: 'agent/runbooks/slow-follower-cascade.md',
    trigger: { kind: 'trace', name: 'follower-paused' },
    fires: {
      series: { [series('aegis_follower_lag_entries', 0, { to: '3' })]: '5000x30' },
      atMinutes: 5,
      labels: { ...A_CLUSTER, to: '3' },
    },
    silent: {
      series: { [series('aegis_follower_lag_entries', 0, { to: '3' })]: '5000x6 0x30' },
      atMinutes: 5,
    },
  },
  {
    name: 'AegisPeerFarAway',
    severity: 'warning',
    expr: (over) =>
      `histogram_quantile(0.5, sum by (${MEMBER_TO}, to, le) (rate(${RTT}_bucket${over(5 * MINUTE)}))) > ` +
      `on (${MEMBER_TO}) group_left () max by (${MEMBER_TO}) (aegis_election_timeout_seconds) / 10`,
    forSeconds: 5 * MINUTE,
    summary: 'Round trips of {{ $labels.instance }} to member {{ $labels.to }} are long',
    description:
      'Half of them take more than a tenth of the election timeout. If that member leads, or is needed for a majority, every write waits for them.',
    runbook: 'agent/runbooks/region-wide-cluster.md',
    trigger: { kind: 'trace', name: 'far-away-follower' },
    fires: {
      series: trips({ '0.1': 10, '0.25': 100, '+Inf': 100 }),
      atMinutes: 15,
      labels: { ...A_MEMBER, to: '2' },
    },
    silent: { series: trips({ '0.05': 90, '0.1': 100, '+Inf': 100 }), atMinutes: 15 },
  },
  {
    name: 'AegisClockOff',
    severity: 'warning',
    expr: () => 'max by (namespace, cluster, to) (aegis_peer_clock_offset_alert) == 1',
    forSeconds: MINUTE,
    summary: 'The clock of member {{ $labels.to }} of {{ $labels.cluster }} is off',
    description:
      'By more than clockOffsetAlertMs, seen by a peer (if all members but one are named, that one is off). Leases do not depend on it; certificates and logs do.',
    runbook: 'agent/runbooks/clock-off.md',
    trigger: { kind: 'trace', name: 'clock-ahead' },
    fires: {
      series: { [series('aegis_peer_clock_offset_alert', 0, { to: '2' })]: '1x10' },
      atMinutes: 2,
      labels: { ...A_CLUSTER, to: '2' },
    },
    silent: {
      series: { [series('aegis_peer_clock_offset_alert', 0, { to: '2' })]: '1x2 0x10' },
      atMinutes: 2,
    },
  },
  {
    name: 'AegisCommandsWait',
    severity: 'warning',
    expr: (over) => `${commandWait('', over(2 * MINUTE), `${BY_CLUSTER} `)} > 0.5`,
    forSeconds: 2 * MINUTE,
    summary: 'Commands of {{ $labels.cluster }} wait for long',
    description:
      'For more than half a second on average, for minutes: nothing is committed, links or the disk of the leader are slow, or more is asked than can be done.',
    runbook: 'agent/runbooks/retry-storm.md',
    trigger: { kind: 'trace', name: 'jittery-network' },
    fires: {
      series: {
        [series('aegis_proposals_pending')]: '90x40',
        [series('aegis_proposals_pending', 1)]: '20x40',
        [series('aegis_commands_applied_total')]: '0+3000x40',
        [series('aegis_commands_applied_total', 1)]: '0+2900x40',
      },
      atMinutes: 8,
      labels: A_CLUSTER,
    },
    silent: {
      series: {
        [series('aegis_proposals_pending')]: '5000x40',
        [series('aegis_commands_applied_total')]: '0+180000x40',
      },
      atMinutes: 8,
    },
  },
  {
    name: 'AegisCommandsFail',
    severity: 'critical',
    expr: (over) => `sum ${BY_CLUSTER} (rate(aegis_proposals_failed_total${over(5 * MINUTE)})) > 1`,
    forSeconds: MINUTE,
    summary: '{{ $labels.cluster }} fails commands',
    description:
      'More than one a second is answered with a failure of the cluster. Clients see UNAVAILABLE or a time-out.',
    runbook: 'docs/lost-quorum.md',
    trigger: { kind: 'trace', name: 'no-quorum' },
    fires: {
      series: { [series('aegis_proposals_failed_total')]: '0+60x40' },
      atMinutes: 8,
      labels: A_CLUSTER,
    },
    silent: { series: { [series('aegis_proposals_failed_total')]: '0+6x40' }, atMinutes: 8 },
  },
  {
    name: 'AegisEventLoopStalls',
    severity: 'warning',
    // Each scrape tells of the time since the one before.
    expr: (over) =>
      `max by (${MEMBER_TO}) (max_over_time(aegis_nodejs_eventloop_lag_max_seconds${over(5 * MINUTE)})) > 1`,
    forSeconds: 0,
    summary: '{{ $labels.instance }} of {{ $labels.cluster }} stood still for more than a second',
    description:
      'Its event loop did: garbage, a huge request, or no processor. A leader that stands still for an election timeout is deposed.',
    runbook: 'agent/runbooks/blocked-event-loop.md',
    trigger: { kind: 'trace', name: 'stalling-leader' },
    fires: {
      series: { [series('aegis_nodejs_eventloop_lag_max_seconds')]: '0.01x5 1.2 0.01x20' },
      atMinutes: 4,
      labels: A_MEMBER,
    },
    silent: { series: { [series('aegis_nodejs_eventloop_lag_max_seconds')]: '0.4x30' }, atMinutes: 4 },
  },
  {
    name: 'AegisLeasesExpire',
    severity: 'warning',
    expr: (over) => `max ${BY_CLUSTER} (rate(aegis_lease_expired_total${over(5 * MINUTE)})) > 10`,
    forSeconds: 0,
    summary: 'Many leases of {{ $labels.cluster }} end by expiry',
    description: 'More than ten a second: clients died or are cut off together, or keepalives come too late.',
    runbook: 'agent/runbooks/mass-expiry.md',
    trigger: { kind: 'trace', name: 'clients-die' },
    fires: { series: { [series('aegis_lease_expired_total')]: '0+300x40' }, atMinutes: 8, labels: A_CLUSTER },
    silent: { series: { [series('aegis_lease_expired_total')]: '0+60x40' }, atMinutes: 8 },
  },
  {
    name: 'AegisLockQueueLong',
    severity: 'info',
    expr: () => `max ${BY_CLUSTER} (aegis_lock_queue_depth) > 200`,
    forSeconds: 5 * MINUTE,
    summary: 'More than 200 claims wait for locks of {{ $labels.cluster }}',
    description: 'One lock is hot, or a holder keeps what others wait for. `aegis locks` shows which one.',
    runbook: 'agent/runbooks/hot-lock.md',
    trigger: { kind: 'trace', name: 'hot-lock' },
    fires: { series: { [series('aegis_lock_queue_depth')]: '390x40' }, atMinutes: 8, labels: A_CLUSTER },
    silent: { series: { [series('aegis_lock_queue_depth')]: '390x10 20x40' }, atMinutes: 8 },
  },
  {
    name: 'AegisConnectionHerd',
    severity: 'warning',
    expr: (over) => `sum ${BY_CLUSTER} (rate(aegis_session_streams_opened_total${over(5 * MINUTE)})) > 50`,
    forSeconds: 2 * MINUTE,
    summary: 'Clients of {{ $labels.cluster }} connect over and over',
    description:
      'More than fifty streams are opened a second; processors are busy with handshakes. A client is made once and kept.',
    runbook: 'agent/runbooks/connection-herd.md',
    trigger: { kind: 'trace', name: 'connection-herd' },
    fires: {
      series: { [series('aegis_session_streams_opened_total')]: '0+1500x60' },
      atMinutes: 12,
      labels: A_CLUSTER,
    },
    silent: { series: { [series('aegis_session_streams_opened_total')]: '0+300x60' }, atMinutes: 12 },
  },
  {
    name: 'AegisWatchesMany',
    severity: 'info',
    expr: () => `sum ${BY_CLUSTER} (aegis_watches) > 1000`,
    forSeconds: 5 * MINUTE,
    summary: '{{ $labels.cluster }} serves more than a thousand watches',
    description:
      'Every change of what they see is sent that many times; a key that changes often then costs most of a processor.',
    runbook: 'agent/runbooks/watch-fan-out.md',
    trigger: { kind: 'trace', name: 'watch-fan-out' },
    fires: {
      series: { [series('aegis_watches')]: '800x40', [series('aegis_watches', 1)]: '800x40' },
      atMinutes: 8,
      labels: A_CLUSTER,
    },
    silent: { series: { [series('aegis_watches')]: '800x40' }, atMinutes: 8 },
  },
];
