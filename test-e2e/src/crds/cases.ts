import { cluster, fullCluster, incident, lease, recommendation, sourced } from './objects.js';

export interface Case {
  readonly name: string;
  readonly object: object;
  /** What it was before, for a change. */
  readonly old?: object;
  /** What the refusal must say; absent: it is accepted. */
  readonly refused?: RegExp;
}

const CLUSTERS: readonly Case[] = [
  { name: 'a cluster of which nothing is said', object: cluster() },
  { name: 'a cluster of which everything is said', object: fullCluster() },
  { name: 'a cluster with settings by merge', object: sourced() },
  {
    name: 'four replicas',
    object: cluster({ replicas: 4 }),
    refused: /spec\.replicas.*supported values: "1", "3", "5", "7"/,
  },
  { name: 'nine replicas', object: cluster({ replicas: 9 }), refused: /spec\.replicas/ },
  {
    name: 'a profile that is none',
    object: cluster({ profile: 'queues' }),
    refused: /spec\.profile.*"locks", "kv", "all"/,
  },
  {
    name: 'a name that no service can have',
    object: cluster({}, '5-replicas'),
    refused: /begin with a letter/,
  },
  { name: 'a name with dots', object: cluster({}, 'my.cluster'), refused: /services are named after it/ },
  {
    name: 'a name that leaves no room for suffixes',
    object: cluster({}, 'x'.repeat(41)),
    refused: /at most 40 characters/,
  },
  {
    name: 'a setting that does not exist',
    object: cluster({ consensus: { fsync: 0 } }),
    // The library and the API server word it in either order.
    refused: /consensus\.fsync.*unknown field|unknown field "spec\.consensus\.fsync"/,
  },
  {
    name: 'a setting beyond its bounds',
    object: cluster({ consensus: { heartbeatIntervalMs: 5 } }),
    refused: /heartbeatIntervalMs.*greater than or equal to 10/,
  },
  {
    name: 'a fraction',
    object: cluster({ consensus: { heartbeatIntervalMs: 100.5 } }),
    refused: /heartbeatIntervalMs.*must be of type integer/,
  },
  {
    name: 'settings together with configSource',
    object: sourced({ consensus: { heartbeatIntervalMs: 100 } }),
    refused: /spec\.consensus.*remove consensus here/,
  },
  { name: 'even empty ones', object: sourced({ consensus: {} }), refused: /remove consensus here/ },
  {
    name: 'a size that is no amount',
    object: cluster({ storage: { size: 'big' } }),
    refused: /spec\.storage\.size/,
  },
  {
    name: 'cert-manager without an issuer',
    object: cluster({ tls: { issuer: 'CertManager' } }),
    refused: /issuerRef goes with/,
  },
  {
    name: 'an issuer without cert-manager',
    object: cluster({ tls: { issuerRef: { name: 'x' } } }),
    refused: /issuerRef goes with/,
  },
  {
    name: 'a repository without an owner',
    object: cluster({ configSource: { repository: 'infra', path: 'a' } }),
    refused: /configSource\.repository/,
  },
  {
    name: 'a path that leaves the repository',
    object: cluster({ configSource: { repository: 'a/b', path: '../a' } }),
    refused: /configSource\.path/,
  },
  {
    name: 'one key of spread twice',
    object: cluster({ scheduling: { spread: [{ topologyKey: 'a' }, { topologyKey: 'a' }] } }),
    refused: /spread.*[Dd]uplicate/,
  },
];

const ENVELOPE: readonly (readonly [string, Record<string, number>])[] = [
  ['election-over-heartbeat', { heartbeatIntervalMs: 201, electionTimeoutMs: 1000 }],
  ['lease-outlives-election', { electionTimeoutMs: 2000 }],
  ['lease-range', { leaseMaxTtlMs: 1000 }],
  ['retention-over-threshold', { logRetentionEntries: 1000 }],
  ['batch-within-inflight', { maxInflightBytes: 65_536 }],
  ['batch-delay-under-heartbeat', { maxBatchDelayMs: 100, heartbeatIntervalMs: 50 }],
  ['inflight-within-memory', { maxInflightBytes: 100 * 1024 * 1024 }],
];

const UNSAFE: readonly Case[] = ENVELOPE.flatMap(([rule, settings]) => [
  {
    name: `unsafe, ${rule}: a cluster`,
    object: cluster({ consensus: settings }),
    refused: new RegExp(`spec\\.consensus.*${rule}: `),
  },
  {
    name: `unsafe, ${rule}: a proposal`,
    object: recommendation({ patch: settings }),
    refused: new RegExp(`spec\\.patch.*${rule}: `),
  },
]);

const broken = { electionTimeoutMs: 400 };

const CHANGES: readonly Case[] = [
  { name: 'more replicas', old: cluster({ replicas: 3 }), object: cluster({ replicas: 5 }) },
  {
    name: 'more replicas than the unanswered bytes leave memory for',
    old: cluster({ replicas: 3, consensus: { maxInflightBytes: 100 * 1024 * 1024 } }),
    object: cluster({ replicas: 7, consensus: { maxInflightBytes: 100 * 1024 * 1024 } }),
    refused: /inflight-within-memory/,
  },
  {
    name: 'another profile',
    old: cluster(),
    object: cluster({ profile: 'kv' }),
    refused: /profile cannot be changed/,
  },
  {
    name: 'a larger volume',
    old: cluster({ storage: { size: '900Mi' } }),
    object: cluster({ storage: { size: '1Gi' } }),
  },
  {
    name: 'a smaller volume',
    old: cluster({ storage: { size: '1Gi' } }),
    object: cluster({ storage: { size: '1000Mi' } }),
    refused: /cannot shrink/,
  },
  {
    name: 'another storage class',
    old: cluster({ storage: { className: 'a' } }),
    object: cluster({ storage: { className: 'b' } }),
    refused: /className cannot be changed/,
  },
  {
    name: 'a storage class where there was none',
    old: cluster(),
    object: cluster({ storage: { className: 'b' } }),
    refused: /className cannot be changed/,
  },
  {
    name: 'a backup to begin from, too late',
    old: cluster(),
    object: cluster({ bootstrap: fullCluster().spec['bootstrap'] }),
    refused: /bootstrap cannot be changed/,
  },
  {
    name: 'a status while stored settings break a rule that is newer',
    old: cluster({ consensus: broken }),
    object: { ...cluster({ consensus: broken }), status: { clusterId: 'a' } },
  },
  {
    name: 'another change of the spec while they do',
    old: cluster({ consensus: broken }),
    object: cluster({ consensus: broken, paused: true }),
    refused: /election-over-heartbeat/,
  },
];

const OTHERS: readonly Case[] = [
  { name: 'a lock', object: lease() },
  { name: 'a semaphore', object: lease({ mode: 'Semaphore', permits: 3 }) },
  { name: 'a semaphore without permits', object: lease({ mode: 'Semaphore' }), refused: /permits goes with/ },
  { name: 'permits without a semaphore', object: lease({ permits: 3 }), refused: /permits goes with/ },
  {
    name: 'a key with more bytes than a lock may have',
    object: lease({ key: 'ü'.repeat(513) }),
    refused: /at most 1024 bytes/,
  },
  { name: 'another key', old: lease(), object: lease({ key: 'other' }), refused: /key cannot be changed/ },
  { name: 'another TTL', old: lease(), object: lease({ ttlMs: 30_000 }) },
  { name: 'an incident', object: incident() },
  {
    name: 'an incident of a class that is none',
    object: incident({ class: 'Gremlins' }),
    refused: /spec\.class/,
  },
  {
    name: 'what was seen, changed',
    old: incident(),
    object: incident({ class: 'Overload' }),
    refused: /the spec of an incident cannot be changed/,
  },
  { name: 'a proposal', object: recommendation() },
  {
    name: 'a proposal of nothing',
    object: recommendation({ patch: {} }),
    refused: /spec\.patch.*at least 1 properties/,
  },
  {
    name: 'a proposal changed',
    old: recommendation(),
    object: recommendation({ rationale: 'Because.' }),
    refused: /the spec of a recommendation cannot be changed/,
  },
  {
    name: 'a final phase without a reason',
    object: recommendation({}, { phase: 'Rejected' }),
    refused: /needs its reason/,
  },
  { name: 'a final phase', object: recommendation({}, { phase: 'Rejected', reason: 'Harm' }) },
  {
    name: 'a rejected proposal that comes back',
    old: recommendation({}, { phase: 'Rejected', reason: 'Harm' }),
    object: recommendation({}, { phase: 'Verified' }),
    refused: /stays as it is/,
  },
];

export const CASES = [...CLUSTERS, ...UNSAFE, ...CHANGES, ...OTHERS];
