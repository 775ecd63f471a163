import { type Dashboard, eachMember, lines, number, OF_CLUSTER, rateOfEach } from './panel.js';

/** What clients hold and wait for. The names of locks are on the replicas' pages, and never labels. */
export const holdings: Dashboard = {
  uid: 'aegis-leases-and-locks',
  title: 'AEGIS / Leases and locks',
  about: 'Leases, locks, elections and watches: how many there are, who waits, and what ends by expiry.',
  chosenBy: 'aegis_has_leader',
  panels: [
    number('Leases', 'short', 'Leases that live.', `max(aegis_leases{${OF_CLUSTER}})`),
    number('Locks and elections', 'short', 'Held, or waited for.', `max(aegis_locks{${OF_CLUSTER}})`),
    number(
      'Waiting claims',
      'short',
      'In all queues together.',
      `max(aegis_lock_queue_depth{${OF_CLUSTER}})`,
    ),
    number(
      'Newest fencing token',
      'none',
      'It only grows.',
      `max(aegis_newest_fencing_token{${OF_CLUSTER}})`,
    ),
    number('Watches', 'short', 'On all members.', `sum(aegis_watches{${OF_CLUSTER}})`),
    number('Session streams', 'short', 'On all members.', `sum(aegis_session_streams{${OF_CLUSTER}})`),
    lines('Leases that live', 'short', 'Equal on all members that are caught up.', [
      eachMember('aegis_leases'),
    ]),
    lines('Leases that expired', 'ops', 'Their holders did not come back in time; what they held is free.', [
      rateOfEach('aegis_lease_expired_total'),
    ]),
    lines('Locks and elections in use', 'short', 'Equal on all members that are caught up.', [
      eachMember('aegis_locks'),
    ]),
    lines(
      'Claims that wait',
      'short',
      'A queue that does not shrink: one lock is hot, or a holder keeps it.',
      [eachMember('aegis_lock_queue_depth')],
    ),
    lines('Grants', 'ops', 'Fencing tokens given a second.', [
      {
        expr: `max by (cluster) (deriv(aegis_newest_fencing_token{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{cluster}}',
      },
    ]),
    lines('Watches', 'short', 'Open on each member.', [eachMember('aegis_watches')]),
    lines(
      'Watches that are behind',
      'short',
      'Their clients read slower than changes come, or they began in the past.',
      [eachMember('aegis_slow_watches')],
    ),
    lines('Answers that wait to be read', 'bytes', 'For clients of session streams.', [
      eachMember('aegis_session_unsent_bytes'),
    ]),
    lines('Session streams', 'short', 'Open on each member.', [eachMember('aegis_session_streams')]),
    lines(
      'Session streams opened',
      'ops',
      'A herd of clients that connect, ask and leave costs handshakes.',
      [rateOfEach('aegis_session_streams_opened_total')],
    ),
  ],
};
