import { describe, expect, test } from '@jest/globals';
import { patched, rollbackOf, type Patch } from './change.js';
import { FAMILIES, familyOf } from './families.js';
import { SETTING_NAMES, type ConsensusSettings } from './fields.js';
import type { Observations } from './observations.js';
import { checkObserved, judgeMerge, judgeProposal, type ProposedChange } from './proposal.js';
import { resolveSettings } from './resolve.js';
import { RULES } from './rules.js';

const BASE = resolveSettings('all');
const CALM: Observations = {
  roundTripP99Us: 2_000,
  roundTripMeanUs: 500,
  fsyncP999Us: 5_000,
  pauseMaxUs: 20_000,
  entriesPerSecond: 100,
  stateBytes: 1_000_000,
  restoreMs: 200,
};
const NOW = 1_750_000_000_000;

function change(patch: Patch, more: Partial<ProposedChange> = {}): ProposedChange {
  const base = more.base ?? BASE;
  return {
    base,
    patch,
    rollback: rollbackOf(base, patch),
    context: { replicas: 5 },
    observations: CALM,
    pace: { now: NOW, dwellMs: 1_800_000, quorumMargin: 2 },
    ...more,
  };
}

const failedOf = (proposed: ProposedChange): string[] =>
  judgeProposal(proposed)
    .findings.filter(({ passed, severity }) => !passed && severity === 'required')
    .map(({ id }) => id);

const paced = (pace: Partial<ProposedChange['pace']>): Partial<ProposedChange> => ({
  pace: { now: NOW, dwellMs: 1_800_000, quorumMargin: 2, ...pace },
});
const observed = (observations: Observations): Partial<ProposedChange> => ({
  observations: { ...CALM, ...observations },
});
const without = (name: keyof Observations): Partial<ProposedChange> => ({
  observations: Object.fromEntries(Object.entries(CALM).filter(([each]) => each !== name)),
});

const ELECTION: Patch = { electionTimeoutMs: 900 };

/** Static rules pass in all of them. */
const CASES: readonly (readonly [string, string, ProposedChange])[] = [
  [
    'election-over-round-trip',
    'an election timeout below ten round trips',
    change(ELECTION, observed({ roundTripP99Us: 90_001 })),
  ],
  [
    'election-over-round-trip',
    'round trips that nobody measured',
    change(ELECTION, without('roundTripP99Us')),
  ],
  [
    'election-over-round-trip',
    'round trips that are no number',
    change(ELECTION, observed({ roundTripP99Us: Number.NaN })),
  ],
  [
    'election-over-stall',
    'an election timeout as long as a stall',
    change(ELECTION, observed({ fsyncP999Us: 400_000, pauseMaxUs: 500_000 })),
  ],
  ['election-over-stall', 'pauses that nobody measured', change(ELECTION, without('pauseMaxUs'))],
  ['election-over-stall', 'syncs that nobody measured', change(ELECTION, without('fsyncP999Us'))],
  [
    'heartbeat-over-half-round-trip',
    'heartbeats faster than half a round trip',
    change({ heartbeatIntervalMs: 60 }, observed({ roundTripMeanUs: 120_001 })),
  ],
  [
    'heartbeat-over-half-round-trip',
    'mean round trips that nobody measured',
    change({ heartbeatIntervalMs: 60 }, without('roundTripMeanUs')),
  ],
  [
    'retention-over-transfer',
    'a log shorter than a transfer',
    change(
      { logRetentionEntries: 40_000 },
      observed({ entriesPerSecond: 5_000, stateBytes: 2 ** 29, restoreMs: 1_000 }),
    ),
  ],
  [
    'retention-over-transfer',
    'a slower transfer than the log bears',
    change({ snapshotBytesPerSecond: 2 ** 25 }, observed({ entriesPerSecond: 5_000, stateBytes: 2 ** 29 })),
  ],
  [
    'retention-over-transfer',
    'a write rate that nobody measured',
    change({ logRetentionEntries: 40_000 }, without('entriesPerSecond')),
  ],
  ['pace-one-family', 'two families at once', change({ electionTimeoutMs: 1_200, maxInflightMessages: 300 })],
  ['pace-one-family', 'a change of nothing', change({ electionTimeoutMs: 1_000 })],
  ['pace-at-most-double', 'more than twice', change({ maxInflightMessages: 513 })],
  ['pace-at-most-double', 'less than half', change({ maxInflightMessages: 127 })],
  ['pace-at-most-double', 'from none to more than two', change({ maxBatchDelayMs: 3 })],
  [
    'pace-dwell',
    'too soon after the last change',
    change({ electionTimeoutMs: 1_200 }, paced({ lastChangeAt: NOW - 1_799_999 })),
  ],
  [
    'pace-dwell',
    'a last change in the future',
    change({ electionTimeoutMs: 1_200 }, paced({ lastChangeAt: NOW + 60_000 })),
  ],
  [
    'pace-quorum-margin',
    'no member to spare',
    change({ electionTimeoutMs: 1_200 }, paced({ quorumMargin: 0 })),
  ],
  [
    'pace-quorum-margin',
    'a margin that nobody knows',
    change({ electionTimeoutMs: 1_200 }, paced({ quorumMargin: undefined })),
  ],
  ['pace-rollback', 'no rollback', change({ electionTimeoutMs: 1_200 }, { rollback: {} })],
  [
    'pace-rollback',
    'a rollback to something else',
    change({ electionTimeoutMs: 1_200 }, { rollback: { electionTimeoutMs: 900 } }),
  ],
  [
    'pace-rollback',
    'a rollback of more',
    change({ electionTimeoutMs: 1_200 }, { rollback: { electionTimeoutMs: 1_000, heartbeatIntervalMs: 50 } }),
  ],
];

describe('the agent refuses, and a person is told and not held back:', () => {
  test.each(CASES)('%s: %s', (rule, _, proposed) => {
    expect(judgeProposal(proposed).passed).toBe(false);
    expect(failedOf(proposed)).toEqual([rule]);
    const merged = judgeMerge(proposed);
    expect(merged.passed).toBe(true);
    expect(merged.reported.map(({ id }) => id)).toContain(rule);
  });

  test('each rule that is not static', () => {
    const rules = RULES.filter(({ kind }) => kind !== 'static').map(({ id }) => id);
    expect(new Set(CASES.map(([rule]) => rule))).toEqual(new Set(rules));
  });

  test('what is static, a person is held back by as well', () => {
    const unsafe = change({ electionTimeoutMs: 499 });
    expect(judgeProposal(unsafe).passed).toBe(false);
    expect(judgeMerge(unsafe).passed).toBe(false);
  });
});

describe('a good change', () => {
  test.each([
    [
      'at the limits of every rule',
      change(
        { electionTimeoutMs: 900 },
        observed({ roundTripP99Us: 90_000, fsyncP999Us: 400_000, pauseMaxUs: 499_999 }),
      ),
    ],
    ['twice', change({ maxInflightMessages: 512 })],
    ['half', change({ maxInflightMessages: 128 })],
    ['from none to two', change({ maxBatchDelayMs: 2 })],
    ['after the dwell time', change({ electionTimeoutMs: 1_200 }, paced({ lastChangeAt: NOW - 1_800_000 }))],
    ['with one member to spare', change({ electionTimeoutMs: 1_200 }, paced({ quorumMargin: 1 }))],
    ['of timing with the lease that must follow', change({ electionTimeoutMs: 2_000, leaseMinTtlMs: 3_000 })],
  ])('passes: %s', (_, proposed) => {
    expect(failedOf(proposed)).toEqual([]);
    expect(judgeProposal(proposed).passed).toBe(true);
  });

  test('is told every rule with its numbers', () => {
    const { findings } = judgeProposal(change({ electionTimeoutMs: 1_200 }));
    expect(findings.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id));
    const said = Object.fromEntries(findings.map(({ id, statement }) => [id, statement]));
    expect(said['election-over-round-trip']).toBe(
      'electionTimeoutMs 1200 = 1200000 µs >= 10 x p99 round trip 2000 = 20000 µs',
    );
    expect(said['retention-over-transfer']).toBe(
      'logRetentionEntries 50000 >= 100 entries/s x (transfer of 1000000 bytes at snapshotBytesPerSecond 67108864 15 + restore 200 ms) = 22',
    );
    expect(said['pace-at-most-double']).toBe('electionTimeoutMs 1000 to 1200: within a factor of 2');
    for (const { statement } of findings) expect(statement.length).toBeLessThan(512);
  });

  test('may raise what nobody measured a bound for', () => {
    expect(failedOf(change({ logRetentionEntries: 60_000 }, { observations: {} }))).toEqual([]);
    expect(failedOf(change({ electionTimeoutMs: 1_100 }, { observations: {} }))).toEqual([]);
    const mixed = change(
      { logRetentionEntries: 60_000, snapshotBytesPerSecond: 2 ** 25 },
      { observations: {} },
    );
    expect(failedOf(mixed)).toEqual(['retention-over-transfer']);
  });

  test('may leave a broken rule alone, or bring it nearer; never further away', () => {
    const slow = observed({ roundTripP99Us: 300_000 });
    expect(failedOf(change({ maxInflightMessages: 300 }, slow))).toEqual([]);
    expect(failedOf(change({ electionTimeoutMs: 1_333 }, slow))).toEqual([]);
    expect(failedOf(change({ electionTimeoutMs: 999 }, slow))).toEqual(['election-over-round-trip']);
    expect(judgeProposal(change({ electionTimeoutMs: 1_333 }, slow)).reported).toMatchObject([
      {
        id: 'election-over-round-trip',
        passed: false,
        severity: 'advised',
        statement: expect.stringContaining('a step towards it'),
      },
    ]);
  });
});

test('going back to what was healthy last is never refused, however many rules it breaks', () => {
  const lastHealthy: ConsensusSettings = {
    ...BASE,
    electionTimeoutMs: 400,
    maxInflightMessages: 4_096,
    maxBatchDelayMs: 100,
  };
  const patch = rollbackOf(lastHealthy, { electionTimeoutMs: 1, maxInflightMessages: 1, maxBatchDelayMs: 1 });
  const back = change(patch, {
    lastHealthy,
    observations: {},
    rollback: {},
    ...paced({ quorumMargin: 0, lastChangeAt: NOW }),
  });
  expect(patched(BASE, patch)).toEqual(lastHealthy);
  for (const judge of [judgeProposal, judgeMerge]) {
    const verdict = judge(back);
    expect(verdict).toMatchObject({ passed: true, restoresHealthy: true });
    expect(verdict.reported.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'election-over-heartbeat',
        'pace-at-most-double',
        'pace-dwell',
        'pace-quorum-margin',
        'pace-rollback',
      ]),
    );
    expect(
      judge({ ...back, lastHealthy: { ...lastHealthy, leaseMaxTtlMs: 3_600_000 } }).restoresHealthy,
    ).toBe(false);
    expect(judge({ ...back, lastHealthy: { ...lastHealthy, leaseMaxTtlMs: 3_600_000 } }).passed).toBe(false);
  }
});

test('every setting belongs to one family', () => {
  const all = Object.values(FAMILIES).flat();
  expect([...all].sort()).toEqual([...SETTING_NAMES].sort());
  for (const name of SETTING_NAMES) expect(FAMILIES[familyOf(name)]).toContain(name);
});

test('nothing is changed or kept by judging', () => {
  const proposed = change({ electionTimeoutMs: 1_200 });
  const before = structuredClone({ ...proposed });
  judgeProposal(proposed);
  checkObserved(proposed, CALM);
  expect(proposed).toEqual(before);
});
