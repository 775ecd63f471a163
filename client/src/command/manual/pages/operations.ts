import { PROFILES } from '../../../supervisor/plan.js';
import type { Pages } from '../page.js';

const BACKUP_JSON = 'the facts of the backup: "file", "clusterId", "revision", "keys", "bytes" and others';

/** The agent's findings, backups, measurements, faults. */
export const OPERATIONS_PAGES: Pages = {
  incidents: {
    examples: ['aegis incidents', 'aegis incidents --json'],
    json: 'the files of the agent as they are: [{"kind": "Incident", "id", "classes", "causes", …}]',
  },
  recommendations: {
    notes:
      'A recommendation whose phase is PullRequestOpen waits for a person: it is merged by git, in DIR/config. Nothing else applies it.',
    examples: ['aegis recommendations', 'aegis recommendations --json'],
    json: 'the files of the agent as they are: [{"kind": "TuningRecommendation", "id", "patch", "phase", …}]',
  },
  backup: {
    notes: "It takes an admin's certificate. Keep the file as secret as the keys in it.",
    examples: [
      'aegis backup /backups/monday.aegis',
      'aegis backup verify /backups/monday.aegis',
      'aegis restore /backups/monday.aegis --dir /tmp/restored',
    ],
    json: `${BACKUP_JSON}, and "seconds"`,
  },
  'backup into': {
    examples: ['aegis backup into /backups --keep 30', 'aegis backup into ./into'],
    json: `${BACKUP_JSON}, and "deleted": the names of those that went`,
  },
  'backup verify': {
    examples: ['aegis backup verify /backups/monday.aegis', 'aegis backup verify ./verify'],
    exits: { 1: 'it is no backup, or not a whole one' },
    json: BACKUP_JSON,
  },
  restore: {
    notes: `\
The cluster is made in --dir (default: ./.aegis), which must not hold one. It has an id of its own: nothing of the old
cluster can reach it. Keys are as they were but for those on leases; sessions, leases, locks and elections are void.
Revisions and fencing tokens go on 1,000,000,000 higher, and older revisions are compacted.`,
    examples: [
      'aegis restore /backups/monday.aegis',
      'aegis restore /backups/monday.aegis --dir /tmp/restored --base-port 5400 && aegis up --dir /tmp/restored',
    ],
    exits: { 1: 'it is no whole backup, or the folder holds something' },
    json: '{"folder", "clusterId", "replicas", "keys", "revision", "newestToken", "portsTaken"}',
    completes: { profile: () => PROFILES },
  },
  bench: {
    notes:
      'Every client has one operation under way at a time. Figures are of the cluster as clients see it.',
    examples: [
      'aegis bench lock --clients 1000 --connections 20 --seconds 10',
      'aegis bench lock --clients 1 --connections 1 --json',
      'aegis bench lease --clients 100000 --connections 20 --seconds 30 --ttl 30s',
      'aegis bench put --clients 1000 --value-size 256',
      'aegis bench mix --clients 1000 --keys 100000 --reads 80',
      'aegis bench watch --clients 1000 --connections 20',
    ],
  },
  'bench lock': {
    examples: ['aegis bench lock --clients 1000 --locks 100'],
    json: '{"bench": "lock", "cyclesPerSecond", "operationsPerSecond", "acquire": {"p50", …} in ms, "release", "errors", …}',
  },
  'bench lease': {
    examples: ['aegis bench lease --clients 100000 --seconds 30 --ttl 30s'],
    json: '{"bench": "lease", "leases", "grantsPerSecond", "keepAlivesPerSecond", "keepAlive", "lost", "errors", …}',
  },
  'bench put': {
    examples: ['aegis bench put --clients 1000 --value-size 256'],
    json: '{"bench": "put", "operationsPerSecond", "put": {"p50", …} in ms, "errors", …}',
  },
  'bench get': {
    examples: ['aegis bench get --clients 1000 --stale'],
    json: '{"bench": "get", "operationsPerSecond", "get": {"p50", …} in ms, "errors", …}',
  },
  'bench mix': {
    examples: ['aegis bench mix --clients 1000 --keys 100000 --reads 80'],
    json: '{"bench": "mix", "operationsPerSecond", "put", "get", "errors", …}',
  },
  'bench watch': {
    examples: ['aegis bench watch --clients 1000 --every 50ms'],
    json: '{"bench": "watch", "puts", "events", "missing", "delivery": {"p50", …} in ms, "errors", …}',
  },
  chaos: {
    notes:
      'A trace is a YAML file, see docs/chaos.md. Faults are done only to replicas that were started with --allow-faults.',
    examples: [
      'aegis chaos list',
      'aegis chaos run slow-disk-on-the-leader --own',
      'aegis --dir /tmp/victim chaos run my-trace.yaml --json',
    ],
  },
  'chaos list': {
    examples: ['aegis chaos list --json | jq .[].name'],
    json: 'the traces as they are read: [{"name", "about", "durationMs", "faults", "load", …}]',
  },
  'chaos run': {
    examples: [
      'aegis chaos run slow-disk-on-the-leader --own',
      'aegis chaos run my-trace.yaml --seed 7 --json',
    ],
    exits: { 2: 'the trace is wrong, or does not fit the cluster' },
    json: '{"roles", "done": [{"atMs", "what", "kind", "members", "error"}], "sli": what clients saw}',
    completes: { trace: traceNames },
  },
  'chaos check': {
    examples: ['aegis chaos check my-trace.yaml'],
    exits: { 2: 'the trace is wrong' },
    json: 'the trace as it is read',
  },
};

/** Loaded when it is asked for: other commands start faster without. */
async function traceNames(): Promise<readonly string[]> {
  const { libraryNames } = await import('../../../chaos/library.js');
  return libraryNames();
}
