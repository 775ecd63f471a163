import type { Pages } from '../page.js';

const WATCH_JSON = 'a document a revision: {"revision", "events": [{"type", "key", "value", …}]}';
const KV_JSON =
  '"key" and "value" are text; what is no text is "keyBase64" and "valueBase64" (or choose --hex, --base64)';

/** What a cluster is for: locks, leases, elections, keys. */
export const WORK_PAGES: Pages = {
  lock: {
    notes: `\
The command is stopped when the lock is lost: SIGTERM, and SIGKILL before anyone else can hold it.
A token is larger than that of every earlier grant: a resource that refuses smaller ones is safe even so.`,
    examples: [
      "aegis lock demo -- sh -c 'echo $AEGIS_FENCING_TOKEN'",
      'aegis lock nightly --wait 0 -- ./backup.sh',
      'aegis lock pool --permits 3 --ttl 30s -- ./worker',
    ],
    exits: {
      0: "the command's own status is passed on (128 + n: ended by signal n; 126, 127: it could not be run)",
      4: 'the lock was not obtained in time',
      5: 'the lock was lost, and the command was stopped',
    },
    json: 'a document on the standard error once it is held: {"lock", "token"}; the standard output is the command\'s',
  },
  locks: {
    examples: ['aegis locks', 'aegis locks jobs/ --json'],
    json: '{"locks": [{"name", "mode", "holderCount", "waiterCount", "newestToken"}]}',
  },
  describe: {
    examples: ['aegis describe demo', 'aegis describe demo --watch'],
    json: '{"name", "mode", "holders": [{"lease", "claim", "mode", "token"}], "waiters": […]}; with --watch a document a change',
  },
  lease: {
    examples: [
      'aegis lease grant --ttl 30s',
      'aegis lease keep-alive 7587862094',
      'aegis lease ttl 7587862094',
      'aegis lease list',
      'aegis lease revoke 7587862094',
    ],
  },
  'lease grant': {
    examples: ['aegis lease grant --ttl 30s', 'aegis lease grant --ttl 5m --id 42'],
    json: '{"lease", "ttlMs"}',
  },
  'lease revoke': {
    examples: ['aegis lease revoke 7587862094'],
    exits: { 1: 'there is no such lease' },
    json: '{"lease", "revoked": true}',
  },
  'lease keep-alive': {
    examples: ['aegis lease keep-alive 7587862094', 'aegis lease keep-alive 7587862094 --once'],
    exits: { 1: 'there is no such lease (any more)' },
    json: 'a document a renewal: {"lease", "ttlMs"}',
  },
  'lease ttl': {
    examples: ['aegis lease ttl 7587862094'],
    exits: { 1: 'there is no such lease' },
    json: '{"lease", "ttlMs", "remainingMs", "attachments": […], "keys": […], "keyCount"}',
  },
  'lease list': {
    examples: ['aegis lease list --limit 20'],
    json: '{"leases": [{"lease", "ttlMs", "remainingMs", "attachments"}], "total"}',
  },
  elect: {
    examples: [
      'aegis elect primary "$(hostname)"',
      'aegis elect primary "$(hostname)" --wait 30s -- ./serve',
      'aegis elect observe primary',
      'aegis elect leader primary --json',
    ],
  },
  'elect campaign': {
    examples: ['aegis elect campaign primary me --ttl 5s', 'aegis elect primary me --wait 30s -- ./serve'],
    exits: {
      0: "it led until it was interrupted; with a command, the command's own status is passed on",
      4: 'the leadership was not obtained in time',
      5: 'the leadership was lost, and the command was stopped',
    },
    json: '{"election", "token", "value"} once it leads; with a command on the standard error, because the standard output is the command\'s',
  },
  'elect observe': {
    examples: ['aegis elect observe primary'],
    json: 'a document a change: {"election", "leader": {"value", "token", "lease"} or null, "candidates"}',
  },
  'elect leader': {
    examples: ['aegis elect leader primary --json'],
    exits: { 1: 'nobody leads' },
    json: '{"election", "leader": {"value", "token", "lease"} or null, "candidates"}',
  },
  kv: {
    examples: [
      'aegis kv put config/a 1',
      'aegis kv get config/ --prefix',
      'aegis kv get config/a --rev 7 --json',
      'aegis kv del config/ --prefix',
      'aegis kv txn --help',
      'aegis watch config/ --prefix',
    ],
  },
  'kv get': {
    examples: [
      'aegis kv get config/a',
      'aegis kv get config/ --prefix --limit 10 --json',
      'aegis kv get config/a --rev 7',
      'aegis kv get a c --keys-only',
      'aegis kv get blob --value-only --base64 | base64 -d',
    ],
    exits: { 1: 'there is no such key, or the revision is compacted' },
    json: `{"revision", "count", "more", "kvs": [{"key", "value", "createRevision", "modRevision", "version", "lease"}]}; ${KV_JSON}`,
  },
  'kv put': {
    notes: 'A value that begins with a dash goes after --.',
    examples: [
      'aegis kv put config/a 1',
      'aegis kv put config/a < settings.yaml',
      'aegis kv put -- temperature -3',
      'aegis kv put worker/7 up --lease 7587862094',
    ],
    json: '{"revision"}, and with --prev-kv "prevKv"',
  },
  'kv del': {
    examples: ['aegis kv del config/a', 'aegis kv del config/ --prefix', "aegis kv del '' --prefix"],
    json: '{"revision", "deleted", "prevKvs"}',
  },
  'kv txn': {
    notes: `\
The input has three parts with an empty line between them; a part may be empty:
  comparisons             mod("key") = "7"
                          of: create, mod, version, value, lease; with: =, !=, <, >
  done if all hold        put <key> <value> [--lease ID] [--prev-kv] [--ignore-value] [--ignore-lease]
  done if not             get <key> [end] [--prefix] [--from-key] [--rev N] [--limit N] [--keys-only] [--count-only]
                          del <key> [end] [--prefix] [--from-key] [--prev-kv]
Words with spaces are quoted: "…" with \\n, \\t, \\", \\\\ and \\x00 to \\xff for bytes, or '…' as it is. Lines that begin with # are
left out. Prints SUCCESS or FAILURE and what the requests answered; both are exit status 0.`,
    examples: [
      `aegis kv txn <<'EOF'
mod("config/a") = "7"

put config/a 2

get config/a
EOF`,
    ],
    json: '{"revision", "succeeded", "responses": […]}',
  },
  'kv compact': {
    examples: ['aegis kv compact 1000'],
    exits: { 1: 'the revision is compacted already, or has not come yet' },
    json: '{"compactedRevision"}',
  },
  watch: {
    examples: [
      'aegis watch config/a',
      'aegis watch config/ --prefix --rev 7 --json',
      "aegis watch '' --prefix --prev-kv",
    ],
    exits: { 1: 'the revision that it wants is compacted; the message tells where history begins' },
    json: WATCH_JSON,
  },
};
