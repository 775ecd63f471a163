import { PROFILES } from '../../../supervisor/plan.js';
import type { Pages } from '../page.js';

/** A cluster on this machine, and how a cluster is. */
export const CLUSTER_PAGES: Pages = {
  up: {
    notes: `\
The cluster is kept in --dir (default: ./.aegis) with its data, logs and certificates, which the other commands
find there by themselves. Ctrl-C stops it; its data stays.

Its settings are in a git repository: DIR/config is a clone of it. What is merged and pushed to its branch main is applied, one
replica after the other, unless the safety envelope refuses it. The agent watches, and proposes on branches of its own
(aegis incidents, aegis recommendations); it cannot merge. Its dashboard shows the replicas live, what clients hold, incidents and
proposals, on this machine's own address alone; nothing can be changed there.`,
    examples: [
      'aegis up',
      'aegis up --detach --replicas 3 --base-port 5400 --dir /tmp/three',
      'aegis down --volumes',
    ],
    exits: { 1: 'a port is taken, the folder is not one for a cluster, or no leader came' },
    json: 'a document a line for what happens, {"at", "message"}; when it is ready with "folder", "clusterId", "profile", "endpoints", "warnings", "dashboard". With --detach, that one alone',
    completes: { profile: () => PROFILES },
  },
  down: {
    examples: ['aegis down', 'aegis down --volumes --dir /tmp/three'],
    json: '{"folder", "done": what was stopped or removed, a sentence each}',
  },
  status: {
    examples: ['aegis status', 'aegis status --json | jq .leader'],
    exits: { 3: 'nobody leads, or no replica answers' },
    json: '{"leader": id or null, "term", "profile", "clusterId", "leases", "locks", "members": [{"id", "role", "healthy", …}]}',
  },
  top: {
    notes: `\
On a terminal it is kept up to date in place until q or Ctrl-C; ? explains what is shown, and NO_COLOR takes the colours away. Elsewhere, and with
--json, it looks twice, prints what it saw once, and ends with 0 whatever it saw. It reads the telemetry port of each replica and asks for
its status; neither needs a quorum, and no measure of others begins anew by it.`,
    examples: ['aegis top', 'aegis top --interval 5s', 'aegis top --json | jq .writesPerSecond'],
    exits: { 3: 'no replica could be asked, and none is known' },
    json: '{"leader", "term", "writesPerSecond", "operationsPerSecond", "leases", "locks", "elections", "members": [{"id", "role", "away", "commitIndex", "fsyncMs", …}], "incidents"}; null is what is not known',
  },
  members: {
    notes: `\
A member is replaced by removing it, then adding the folder that takes its place, then promoting it. Changes are made
one at a time, and refused when too few live voters would be left. \`aegis up\` does all of it by itself for its own members.`,
    examples: [
      'aegis members',
      'aegis members add --metrics 127.0.0.1:4462 --name aegis-6 --peer 127.0.0.1:4461 --client 127.0.0.1:4460',
      'aegis members promote 6 --wait 60s',
      'aegis members promote 6 --replacing 2',
      'aegis members remove 2',
    ],
  },
  'members list': {
    examples: ['aegis members list', 'aegis members --json'],
    json: '[{"id", "name", "state", "client", "peer", "metrics", "match", "live"}]',
  },
  'members add': {
    examples: [
      'aegis members add --metrics 127.0.0.1:4462 --name aegis-6 --peer 127.0.0.1:4461 --client 127.0.0.1:4460',
    ],
    json: '{"memberId", "members": as of members list}',
  },
  'members promote': {
    examples: ['aegis members promote 6 --wait 60s', 'aegis members promote 6 --replacing 2'],
    exits: { 1: 'it has not caught up, or too few live voters would be left' },
    json: '{"memberId", "members": as of members list}',
  },
  'members remove': {
    examples: ['aegis members remove 2'],
    exits: { 1: 'too few live voters would be left' },
    json: '{"memberId", "members": as of members list}',
  },
  'transfer-leader': {
    examples: ['aegis transfer-leader', 'aegis transfer-leader 3'],
    exits: { 1: 'there is no such member, or it did not catch up in time' },
    json: '{"leader", "term"}',
  },
  alarms: {
    notes: `\
NO_SPACE and QUOTA clear themselves. CORRUPT says that members have different states and no state has a quorum: see with
\`aegis hash\` who has which, replace the wrong ones (aegis members --help), then clear it. What is still so is raised again.`,
    examples: ['aegis alarms', 'aegis alarms clear'],
  },
  'alarms list': {
    examples: ['aegis alarms list', 'aegis alarms --json'],
    exits: { 1: 'an alarm stands raised' },
    json: '[{"kind", "memberId": 0 for the whole cluster}]',
  },
  'alarms clear': {
    examples: ['aegis alarms clear'],
    exits: { 1: 'an alarm still stands raised' },
    json: 'what still stands raised, as of alarms list',
  },
  hash: {
    notes: `\
Every member hashes all that it has applied (CHAINED) and all rows that its storage holds (CONTENTS) as they are after one log
entry, a little at a time. The cluster does the same every ten minutes by itself, and a member that differs from a quorum stops.`,
    examples: ['aegis hash', 'aegis hash --json | jq .agree'],
    exits: { 1: 'their states differ' },
    json: '{"index", "agree", "members": [{"id", "name", "chained", "contents", "missing": why there are no hashes}]}',
  },
  'state-version': {
    notes: `\
A new version of AEGIS may bring commands that older ones do not know. The cluster uses them only once it has agreed on their
version, for good: raise it when every member runs the new software and nothing makes you go back.`,
    examples: ['aegis state-version', 'aegis state-version raise 2'],
  },
  'state-version show': {
    examples: ['aegis state-version show --json'],
    json: '{"agreed", "members": [{"id", "name", "software", "knows"}]}',
  },
  'state-version raise': {
    examples: ['aegis state-version raise 2'],
    exits: { 1: 'a member does not know that version, or is away' },
    json: '{"agreed"}',
  },
  settings: {
    notes: `\
They are part of the replicated state: one command in the log changes them everywhere at once, and nothing restarts. The members'
settings files give a new cluster its first values, and are not asked for these again.`,
    examples: ['aegis settings', 'aegis settings set leaseMinTtlMs=3000 leaseMaxTtlMs=600000'],
  },
  'settings show': {
    examples: ['aegis settings show --json'],
    json: '{"leaseMinTtlMs", "leaseMaxTtlMs", "leaseExpiryPerTick", "kvQuotaBytes"}',
  },
  'settings set': {
    examples: ['aegis settings set leaseMinTtlMs=3000 leaseMaxTtlMs=600000'],
    exits: { 1: 'the safety envelope refuses it' },
    json: '{"changed", "settings": as of settings show}',
  },
};
