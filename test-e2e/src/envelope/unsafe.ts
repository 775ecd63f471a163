import type { Asked } from './drawn.js';

const MIB = 1024 * 1024;

function of(consensus: Asked['consensus'], rest: Partial<Asked> = {}): Asked {
  return { profile: 'all', replicas: 5, ...rest, consensus };
}

/** Settings that are unsafe by themselves, each with the rule that says so. Every layer refuses each of them alone. */
export const UNSAFE: readonly (readonly [string, Asked])[] = [
  ['election-over-heartbeat', of({ electionTimeoutMs: 499 })],
  ['election-over-heartbeat', of({ heartbeatIntervalMs: 201 })],
  [
    'election-over-heartbeat',
    of({ heartbeatIntervalMs: 2_000, electionTimeoutMs: 9_999, leaseMinTtlMs: 20_000 }),
  ],
  ['election-over-heartbeat', of({ heartbeatIntervalMs: 10_000 })],
  ['election-over-heartbeat', of({ electionTimeoutMs: 50 })],
  ['election-over-heartbeat', of({ electionTimeoutMs: 499 }, { replicas: 1, profile: 'kv' })],
  ['lease-outlives-election', of({ leaseMinTtlMs: 1_499 })],
  ['lease-outlives-election', of({ electionTimeoutMs: 1_334 })],
  ['lease-outlives-election', of({ electionTimeoutMs: 3_334 }, { profile: 'kv' })],
  ['lease-outlives-election', of({ leaseMinTtlMs: 100 }, { profile: 'locks' })],
  ['lease-outlives-election', of({ electionTimeoutMs: 50_000 })],
  ['lease-range', of({ leaseMaxTtlMs: 1_999 })],
  ['lease-range', of({ leaseMaxTtlMs: 4_999 }, { profile: 'kv' })],
  ['lease-range', of({ leaseMinTtlMs: 3_600_000, leaseMaxTtlMs: 3_599_999 }, { profile: 'locks' })],
  ['retention-over-threshold', of({ logRetentionEntries: 19_999 })],
  ['retention-over-threshold', of({ snapshotThresholdEntries: 50_001 })],
  ['retention-over-threshold', of({ snapshotThresholdEntries: 100_001 }, { profile: 'locks' })],
  ['retention-over-threshold', of({ logRetentionEntries: 100 }, { replicas: 7 })],
  ['batch-within-inflight', of({ maxInflightBytes: MIB - 1 })],
  ['batch-within-inflight', of({ maxBatchBytes: 8 * MIB, maxInflightBytes: 8 * MIB - 1 })],
  ['batch-within-inflight', of({ maxInflightBytes: 262_143 }, { profile: 'locks' })],
  ['batch-delay-under-heartbeat', of({ maxBatchDelayMs: 51, heartbeatIntervalMs: 50 })],
  ['batch-delay-under-heartbeat', of({ maxBatchDelayMs: 100, heartbeatIntervalMs: 99 })],
  ['inflight-within-memory', of({ maxInflightBytes: 64 * MIB + 1 })],
  ['inflight-within-memory', of({ maxInflightBytes: 128 * MIB + 1 }, { replicas: 3 })],
  ['inflight-within-memory', of({ maxInflightBytes: 44_739_243 }, { replicas: 7 })],
  ['inflight-within-memory', of({ maxInflightBytes: 256 * MIB }, { profile: 'locks' })],
];
