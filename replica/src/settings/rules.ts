import { FIELDS, SETTING_NAMES, type SettingField } from './fields.js';
import { OBSERVED_RULES } from './observed-rules.js';
import { PACE_RULES } from './pace-rules.js';
import type { Comparison, Rule, StaticRule, Term } from './rule.js';

/** What unanswered appends to all followers may hold in a leader's memory. */
export const INFLIGHT_MEMORY_BYTES = 256 * 1024 * 1024;

const RAFT_TIMING =
  'Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (2014), section 5.6';
const ETCD_TUNING = 'etcd documentation, Tuning: time parameters';
const DESIGN = 'AEGIS design, section 4';

function atLeast(greater: Term, lesser: Term): readonly Comparison[] {
  return [{ greater, lesser }];
}

const boundsRules: readonly StaticRule[] = SETTING_NAMES.map((field) => {
  const { min, max, doc }: SettingField = FIELDS[field];
  return {
    id: `bounds-${field}`,
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: `Every number is bounded. ${doc}`,
    comparisons: [
      { greater: { field }, lesser: { constant: min, of: 'its minimum' } },
      { greater: { constant: max, of: 'its maximum' }, lesser: { field } },
    ],
  };
});

const relationRules: readonly StaticRule[] = [
  {
    id: 'election-over-heartbeat',
    kind: 'static',
    severity: 'required',
    source: `${ETCD_TUNING}; ${RAFT_TIMING}`,
    reason: 'A follower that misses a few heartbeats must not take the leader for dead.',
    comparisons: atLeast({ field: 'electionTimeoutMs' }, { field: 'heartbeatIntervalMs', times: 5 }),
  },
  {
    id: 'election-over-heartbeat-advised',
    kind: 'static',
    severity: 'advised',
    source: ETCD_TUNING,
    reason: 'Ten heartbeats within an election timeout ride out a lossy network or a short pause.',
    comparisons: atLeast({ field: 'electionTimeoutMs' }, { field: 'heartbeatIntervalMs', times: 10 }),
  },
  {
    id: 'lease-outlives-election',
    kind: 'static',
    severity: 'required',
    source: `${DESIGN}; etcd server, minimum lease TTL`,
    reason: 'A lease must outlive an election, or a change of leader ends leases whose holders are alive.',
    comparisons: atLeast({ field: 'leaseMinTtlMs', times: 2 }, { field: 'electionTimeoutMs', times: 3 }),
  },
  {
    id: 'lease-range',
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: 'The longest lease is not shorter than the shortest.',
    comparisons: atLeast({ field: 'leaseMaxTtlMs' }, { field: 'leaseMinTtlMs' }),
  },
  {
    id: 'retention-over-threshold',
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: 'A follower that is one compaction behind must find its entries in the log, not need a snapshot.',
    comparisons: atLeast({ field: 'logRetentionEntries' }, { field: 'snapshotThresholdEntries' }),
  },
  {
    id: 'batch-within-inflight',
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: 'A batch larger than the in-flight window could never be sent with others.',
    comparisons: atLeast({ field: 'maxInflightBytes' }, { field: 'maxBatchBytes' }),
  },
  {
    id: 'batch-delay-under-heartbeat',
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: 'Proposals must not wait longer for company than followers wait for a heartbeat.',
    comparisons: atLeast({ field: 'heartbeatIntervalMs' }, { field: 'maxBatchDelayMs' }),
  },
  {
    id: 'inflight-within-memory',
    kind: 'static',
    severity: 'required',
    source: DESIGN,
    reason: 'Unanswered appends to all followers together must fit the memory set aside for them.',
    comparisons: atLeast(
      { constant: INFLIGHT_MEMORY_BYTES, of: 'the memory budget' },
      { field: 'maxInflightBytes', perFollower: true },
    ),
  },
];

/** What the settings alone decide: for the agent, the CRD, the operator and the replica's start. */
export const STATIC_RULES: readonly StaticRule[] = [...relationRules, ...boundsRules];

/** The safety envelope. One table; each layer enforces the kinds that it can decide. */
export const RULES: readonly Rule[] = [...STATIC_RULES, ...OBSERVED_RULES, ...PACE_RULES];
