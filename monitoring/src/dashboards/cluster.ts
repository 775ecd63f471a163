import { commandWait } from '../promql/wait.js';
import {
  type Dashboard,
  eachMember,
  lines,
  number,
  OF_CLUSTER,
  quantileOfEach,
  rateOfEach,
} from './panel.js';

/** Whether a cluster serves, and how well. */
export const cluster: Dashboard = {
  uid: 'aegis-cluster',
  title: 'AEGIS / Cluster',
  about: 'Whether a cluster serves its clients, who leads it, and how far its members are apart.',
  chosenBy: 'aegis_has_leader',
  panels: [
    number(
      'Members that answer',
      'none',
      'Members whose page of metrics was read.',
      'sum(up{job="aegis",cluster=~"$cluster"})',
    ),
    number(
      'Members with a leader',
      'none',
      'A majority of all members is needed for every write.',
      `sum(aegis_has_leader{${OF_CLUSTER}})`,
    ),
    number(
      'Leaders',
      'none',
      'One in each cluster; two for a moment after a cut, of which only one can commit.',
      `sum(aegis_is_leader{${OF_CLUSTER}})`,
    ),
    number('Term', 'none', 'It rises with every election.', `max(aegis_raft_term{${OF_CLUSTER}})`),
    number(
      'Commands a second',
      'ops',
      'Applied by the member that applied most.',
      `max(rate(aegis_commands_applied_total{${OF_CLUSTER}}[$__rate_interval]))`,
    ),
    number(
      'Waiting commands',
      'none',
      'Commands that wait for their answer, on all members.',
      `sum(aegis_proposals_pending{${OF_CLUSTER}})`,
    ),
    lines('Who leads', 'bool_yes_no', 'One line stands at one. Where lines cross, leadership changed.', [
      eachMember('aegis_is_leader'),
    ]),
    lines('Leader changes', 'short', 'Changes that each member saw within the last five minutes.', [
      { expr: `increase(aegis_leader_changes_seen_total{${OF_CLUSTER}}[5m])`, legend: '{{instance}}' },
    ]),
    lines('Operations of clients', 'ops', 'What clients asked of each member, reads too.', [
      rateOfEach('aegis_client_operations_total'),
    ]),
    lines('Commands applied', 'ops', 'Equal on all members that are caught up.', [
      rateOfEach('aegis_commands_applied_total'),
    ]),
    lines('Commands that failed', 'ops', 'Answered with a failure of the cluster: their clients try again.', [
      rateOfEach('aegis_proposals_failed_total'),
    ]),
    lines('Commands that wait', 'short', 'They queue up behind a slow disk, a slow link or too much load.', [
      eachMember('aegis_proposals_pending'),
    ]),
    lines('How long commands wait', 's', 'Those that wait, by those that are applied a second.', [
      { expr: commandWait(`{${OF_CLUSTER}}`, '[$__rate_interval]'), legend: 'on average' },
    ]),
    lines(
      'Commit index',
      'short',
      'Lines lie upon each other; one that stays behind is cut off or starved.',
      [eachMember('aegis_proposals_committed_index')],
    ),
    lines('Entries that a follower lacks', 'short', 'As the leader sees it: what a member has not on disk.', [
      { expr: `aegis_follower_lag_entries{${OF_CLUSTER}}`, legend: 'to {{to}}' },
    ]),
    lines('Round trip to peers, median', 's', 'A tenth of the election timeout is much.', [
      quantileOfEach(0.5, 'aegis_peer_round_trip_time_seconds', ['to']),
    ]),
    lines(
      'Clock of peers',
      's',
      "A peer's wall clock less the member's own. It decides nothing, and logs cannot be compared.",
      [{ expr: `abs(aegis_peer_clock_offset_seconds{${OF_CLUSTER}})`, legend: '{{instance}} to {{to}}' }],
    ),
    lines(
      'Alarms',
      'bool_yes_no',
      'Alarms that stand: no space, quota, or states that differ.',
      [
        {
          expr: `max by (cluster, kind, about) (aegis_alarms{${OF_CLUSTER}})`,
          legend: '{{cluster}} {{kind}} {{about}}',
        },
      ],
      { emptyWhenWell: 'there is a series only while an alarm stands' },
    ),
    lines(
      'Hashes of the state',
      'short',
      'Log indexes at which all members agreed, and at which they did not.',
      [
        {
          expr: `rate(aegis_state_hash_agreed_total{${OF_CLUSTER}}[$__rate_interval])`,
          legend: '{{instance}} {{kind}} agreed',
        },
        {
          expr: `rate(aegis_state_hash_mismatch_total{${OF_CLUSTER}}[$__rate_interval])`,
          legend: '{{instance}} {{kind}} differed',
        },
      ],
    ),
  ],
};
