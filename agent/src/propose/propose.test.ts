import { checkEnvelope, patched, resolveSettings, type Observations } from '@aegis/replica/settings';
import { describe, expect, test } from '@jest/globals';
import { CLASSES, FAULTS, type FaultKind, type IncidentClass } from '../diagnose/index.js';
import type { Gate } from '../envelope/index.js';
import { propose, type Proposal } from './propose.js';
import { REMEDIES } from './remedies.js';

const CALM: Observations = {
  roundTripP99Us: 2_000,
  roundTripMeanUs: 500,
  fsyncP999Us: 5_000,
  pauseMaxUs: 20_000,
  entriesPerSecond: 100,
};
const GATE: Gate = {
  profile: 'all',
  replicas: 5,
  base: resolveSettings('all'),
  observations: CALM,
  pace: { now: 1_750_000_000_000, dwellMs: 1_800_000, quorumMargin: 2 },
};
const STALLS: Observations = { ...CALM, fsyncP999Us: 700_000, pauseMaxUs: 260_000 };

function ask(fault: FaultKind, classes: readonly IncidentClass[], gate: Partial<Gate> = {}): Proposal {
  return propose([{ fault, at: { replica: 'aegis-1' }, scorePermille: 900 }], classes, { ...GATE, ...gate });
}

describe('where settings help', () => {
  const cases: readonly (readonly [FaultKind, IncidentClass, Partial<Gate>, object])[] = [
    [
      'hasty-settings',
      'ElectionStorm',
      { base: { ...GATE.base, electionTimeoutMs: 600 } },
      { family: 'timing', patch: { electionTimeoutMs: 1_000 } },
    ],
    [
      'hasty-settings',
      'ElectionStorm',
      { observations: { ...CALM, roundTripP99Us: 120_000 } },
      { family: 'timing', patch: { electionTimeoutMs: 1_200 } },
    ],
    [
      'disk-stalled',
      'ElectionStorm',
      { observations: STALLS },
      { family: 'timing', patch: { electionTimeoutMs: 1_200 } },
    ],
    [
      'gc-pressure',
      'ElectionStorm',
      { observations: STALLS },
      { family: 'timing', patch: { electionTimeoutMs: 1_200 } },
    ],
    [
      'paused',
      'ElectionStorm',
      { observations: { ...CALM, pauseMaxUs: 1_200_000 } },
      {
        family: 'timing',
        patch: { electionTimeoutMs: 1_550, leaseMinTtlMs: 2_325 },
        rollback: { electionTimeoutMs: 1_000, leaseMinTtlMs: 2_000 },
      },
    ],
    [
      'link-slow',
      'ElectionStorm',
      { observations: { ...CALM, roundTripP99Us: 450_000 } },
      {
        patch: { electionTimeoutMs: 2_000, leaseMinTtlMs: 3_000 },
        remaining: { electionTimeoutMs: 4_500, leaseMinTtlMs: 6_750 },
      },
    ],
    ['link-slow', 'SlowFollower', {}, { family: 'flow', patch: { maxInflightMessages: 512 } }],
    ['link-narrow', 'SlowFollower', {}, { family: 'snapshots', patch: { logRetentionEntries: 100_000 } }],
    [
      'short-log',
      'SlowFollower',
      { base: { ...GATE.base, snapshotThresholdEntries: 300, logRetentionEntries: 300 } },
      { family: 'snapshots', patch: { logRetentionEntries: 600 } },
    ],
    ['lease-herd', 'LeaseStarvation', {}, { family: 'leases', patch: { leaseExpiryPerTick: 500 } }],
  ];
  test.each(cases)('%s with %s: a patch of one family, with its way back', (fault, kind, gate, expected) => {
    const proposal = ask(fault, [kind], gate);
    expect(proposal).toMatchObject({ kind: 'patch', ...expected });
    if (proposal.kind !== 'patch') throw new Error('no patch');
    const base = gate.base ?? GATE.base;
    expect(patched(patched(base, proposal.patch), proposal.rollback)).toEqual(base);
    expect(proposal.verdict.passed).toBe(true);
    for (const text of [proposal.effect, proposal.risk, proposal.action])
      expect(text.length).toBeGreaterThan(20);
  });
});

describe('where no setting helps, people are told what to do, and there is no patch', () => {
  const never = (Object.keys(FAULTS) as FaultKind[]).filter((fault) => REMEDIES[fault].tune === undefined);
  test.each(never)('%s, whatever came of it', (fault) => {
    const advice = ask(fault, CLASSES, { observations: STALLS });
    expect(advice).toMatchObject({ kind: 'advice', why: REMEDIES[fault].noTuning });
    expect(advice.action).toContain(REMEDIES[fault].action);
  });

  test('a bad disk, a partition and a full disk are among them', () => {
    expect(never).toEqual(expect.arrayContaining(['disk-full', 'link-cut', 'killed', 'plain-load']));
    expect(ask('disk-slow', ['DiskStall'])).toMatchObject({ kind: 'advice' });
    expect(ask('disk-stalled', ['DiskStall', 'SlowFollower'], { observations: STALLS })).toMatchObject({
      kind: 'advice',
    });
    expect(REMEDIES['link-cut'].action).toContain('certificates');
  });

  test('a timeout that bears the stalls already is not made longer', () => {
    expect(ask('disk-stalled', ['ElectionStorm'])).toMatchObject({ kind: 'advice' });
  });

  test('no cause, no patch', () => {
    expect(propose([], ['ElectionStorm'], GATE)).toMatchObject({ kind: 'advice', cause: undefined });
  });

  test('a less likely cause is not tuned for', () => {
    const causes = [
      { fault: 'link-cut', at: 'network', scorePermille: 600 },
      { fault: 'hasty-settings', at: 'settings', scorePermille: 400 },
    ] as const;
    expect(propose(causes, ['ElectionStorm'], { ...GATE, observations: STALLS })).toMatchObject({
      kind: 'advice',
    });
  });
});

describe('the envelope has the last word', () => {
  test.each([
    ['pace-quorum-margin', { pace: { ...GATE.pace, quorumMargin: 0 } }],
    ['pace-dwell', { pace: { ...GATE.pace, lastChangeAt: GATE.pace.now - 1 } }],
  ])('%s', (rule, gate) => {
    const refused = ask('disk-stalled', ['ElectionStorm'], { observations: STALLS, ...gate });
    expect(refused).toMatchObject({ kind: 'refused', why: expect.stringContaining(rule) });
  });
});

test('whatever is measured, a patch is safe by itself and one step', () => {
  const faults = Object.keys(FAULTS) as FaultKind[];
  let patches = 0;
  for (const profile of ['locks', 'kv', 'all'] as const)
    for (const fault of faults)
      for (const scale of [0, 1, 10, 1_000, 100_000]) {
        const observations = Object.fromEntries(
          Object.entries(CALM).map(([name, value]) => [name, value * scale]),
        );
        const base = resolveSettings(profile);
        const proposal = ask(fault, CLASSES, { profile, base, observations });
        if (proposal.kind === 'advice') continue;
        patches += 1;
        expect(checkEnvelope(patched(base, proposal.patch), { replicas: 5 }).passed).toBe(true);
        const broken = proposal.verdict.findings.filter(
          ({ id, passed }) => id.startsWith('pace-') && !passed,
        );
        expect(broken).toEqual([]);
      }
  expect(patches).toBeGreaterThan(50);
});
