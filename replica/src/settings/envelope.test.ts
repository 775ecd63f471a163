import { expect, test } from '@jest/globals';
import { checkEnvelope } from './envelope.js';
import { FIELDS, SETTING_NAMES, type ConsensusSettings } from './fields.js';
import { PROFILES } from './profile.js';
import { resolveSettings } from './resolve.js';
import { isRollSafe } from './roll.js';
import { RULES, STATIC_RULES } from './rules.js';

function failing(given: Partial<ConsensusSettings>, replicas?: number): string[] {
  const settings = { ...resolveSettings('locks'), ...given };
  const context = replicas === undefined ? undefined : { replicas };
  return checkEnvelope(settings, context)
    .findings.filter(({ passed }) => !passed)
    .map(({ id }) => id);
}

test('the defaults of every profile pass every rule, the advised ones too', () => {
  for (const profile of PROFILES) {
    const { passed, findings } = checkEnvelope(resolveSettings(profile));
    expect(passed).toBe(true);
    expect(findings.filter((finding) => !finding.passed)).toEqual([]);
    expect(findings).toHaveLength(STATIC_RULES.length);
  }
});

test('each rule holds at its limit and fails one beyond it', () => {
  const cases: readonly (readonly [string, Partial<ConsensusSettings>, Partial<ConsensusSettings>])[] = [
    [
      'election-over-heartbeat',
      { heartbeatIntervalMs: 200, electionTimeoutMs: 1000 },
      { heartbeatIntervalMs: 201, electionTimeoutMs: 1000 },
    ],
    [
      'election-over-heartbeat-advised',
      { heartbeatIntervalMs: 100, electionTimeoutMs: 1000 },
      { heartbeatIntervalMs: 100, electionTimeoutMs: 999 },
    ],
    [
      'lease-outlives-election',
      { leaseMinTtlMs: 1500, electionTimeoutMs: 1000 },
      { leaseMinTtlMs: 1500, electionTimeoutMs: 1001 },
    ],
    [
      'lease-range',
      { leaseMinTtlMs: 5000, leaseMaxTtlMs: 5000 },
      { leaseMinTtlMs: 5000, leaseMaxTtlMs: 4999 },
    ],
    [
      'retention-over-threshold',
      { logRetentionEntries: 500, snapshotThresholdEntries: 500 },
      { logRetentionEntries: 500, snapshotThresholdEntries: 501 },
    ],
    [
      'batch-within-inflight',
      { maxBatchBytes: 65_536, maxInflightBytes: 65_536 },
      { maxBatchBytes: 65_537, maxInflightBytes: 65_536 },
    ],
    [
      'batch-delay-under-heartbeat',
      { maxBatchDelayMs: 100, heartbeatIntervalMs: 100 },
      { maxBatchDelayMs: 101, heartbeatIntervalMs: 100 },
    ],
    ['inflight-within-memory', { maxInflightBytes: 44_739_242 }, { maxInflightBytes: 44_739_243 }],
  ];
  for (const [id, good, bad] of cases) {
    expect(failing(good)).not.toContain(id);
    expect(failing(bad)).toContain(id);
  }
  const tested = cases.map(([id]) => id);
  const untested = STATIC_RULES.filter(({ id }) => !id.startsWith('bounds-') && !tested.includes(id));
  expect(untested).toEqual([]);
});

test('every field is bounded on both sides', () => {
  for (const name of SETTING_NAMES) {
    const { min, max } = FIELDS[name];
    expect(failing({ [name]: min })).not.toContain(`bounds-${name}`);
    expect(failing({ [name]: max })).not.toContain(`bounds-${name}`);
    expect(failing({ [name]: min - 1 })).toContain(`bounds-${name}`);
    expect(failing({ [name]: max + 1 })).toContain(`bounds-${name}`);
  }
});

test('an advised rule that fails does not fail the verdict; a required one does', () => {
  const settings = resolveSettings('kv');
  expect(checkEnvelope({ ...settings, electionTimeoutMs: 800 }).passed).toBe(true);
  expect(checkEnvelope({ ...settings, electionTimeoutMs: 400 }).passed).toBe(false);
});

test('the verdict says every rule with its numbers', () => {
  const { findings } = checkEnvelope({ ...resolveSettings('all'), electionTimeoutMs: 400 }, { replicas: 5 });
  const statementOf = (id: string): string | undefined =>
    findings.find((finding) => finding.id === id)?.statement;
  expect(statementOf('election-over-heartbeat')).toBe(
    'electionTimeoutMs 400 < 5 x heartbeatIntervalMs 100 = 500',
  );
  expect(statementOf('lease-outlives-election')).toBe(
    '2 x leaseMinTtlMs 2000 = 4000 >= 3 x electionTimeoutMs 400 = 1200',
  );
  expect(statementOf('inflight-within-memory')).toBe(
    'the memory budget 268435456 >= 4 x maxInflightBytes 33554432 = 134217728',
  );
  for (const finding of findings) expect(finding.reason && finding.source && finding.statement).toBeTruthy();
});

test('memory is counted per follower', () => {
  expect(failing({ maxInflightBytes: 100 * 1024 * 1024 }, 3)).toEqual([]);
  expect(failing({ maxInflightBytes: 100 * 1024 * 1024 }, 5)).toEqual(['inflight-within-memory']);
  expect(failing({ maxInflightBytes: 100 * 1024 * 1024 }, 1)).toEqual([]);
});

test('ids are unique', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});

test('a roll is safe when either side bears the other', () => {
  const settings = resolveSettings('all');
  expect(isRollSafe(settings, { ...settings, heartbeatIntervalMs: 333, electionTimeoutMs: 3330 })).toBe(true);
  expect(isRollSafe(settings, { ...settings, heartbeatIntervalMs: 334, electionTimeoutMs: 3340 })).toBe(
    false,
  );
  expect(isRollSafe({ ...settings, heartbeatIntervalMs: 334, electionTimeoutMs: 3340 }, settings)).toBe(
    false,
  );
});
