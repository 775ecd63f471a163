import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ConsensusSettings } from '@aegis/replica/settings';
import { roll, sameForMembers } from './roll.js';
import { Cluster, DEFAULTS, NAMES, SLOWER } from './testing-cluster.js';

let cluster: Cluster;
beforeEach(() => {
  cluster = new Cluster();
});

const to = (wanted: ConsensusSettings, signal = new AbortController().signal) =>
  roll(cluster, DEFAULTS, wanted, signal, () => undefined);
const runAll = (wanted: ConsensusSettings) =>
  cluster.places().every(({ settings }) => sameForMembers(settings, wanted));

describe('a roll', () => {
  test('restarts one after the other, the leader last and only after it handed over', async () => {
    expect(await to(SLOWER)).toEqual({ kind: 'done' });
    expect(cluster.done).toEqual([
      'aegis-1 100/1200',
      'aegis-3 100/1200',
      'aegis-4 100/1200',
      'aegis-5 100/1200',
      'hand over',
      'aegis-2 100/1200',
    ]);
  });

  test('goes on where another one was cut off', async () => {
    cluster.settings.set('aegis-1', SLOWER).set('aegis-3', SLOWER);
    await to(SLOWER);
    expect(cluster.done).toEqual(['aegis-4 100/1200', 'aegis-5 100/1200', 'hand over', 'aegis-2 100/1200']);
  });

  test('makes a stage between, where old and new could not run side by side', async () => {
    const far = { ...DEFAULTS, heartbeatIntervalMs: 500, electionTimeoutMs: 5_000, leaseMinTtlMs: 7_500 };
    expect(await to(far)).toEqual({ kind: 'done' });
    expect(runAll(far)).toBe(true);
    expect(cluster.done.filter((line) => line.startsWith('aegis-'))).toHaveLength(10);
    // Leases outlive the new elections before anybody has them.
    expect(cluster.done[0]).toBe('min 7500');
  });

  test('leases may be shorter only after the last one is quick again', async () => {
    for (const name of NAMES) cluster.settings.set(name, { ...SLOWER, leaseMinTtlMs: 3_000 });
    const before = { ...SLOWER, leaseMinTtlMs: 3_000 };
    const signal = new AbortController().signal;
    await roll(cluster, before, DEFAULTS, signal, () => undefined);
    expect(cluster.done[0]).toBe('min 3000');
    expect(cluster.done.at(-1)).toBe(`min ${DEFAULTS.leaseMinTtlMs}`);
  });

  test('what belongs to the whole cluster restarts nobody, and what did not change is not touched', async () => {
    await to({ ...DEFAULTS, leaseExpiryPerTick: 50 });
    expect(cluster.shared).toEqual([
      { leaseMinTtlMs: 0, leaseMaxTtlMs: 0, kvQuotaBytes: 0, leaseExpiryPerTick: 50 },
    ]);
    expect(cluster.done).toHaveLength(1);
    await to(DEFAULTS);
    expect(cluster.shared).toHaveLength(1);
  });

  test('begins with who is unwell: that takes nothing from the quorum', async () => {
    cluster.unwell.add('aegis-4');
    expect(await to(SLOWER)).toMatchObject({ kind: 'held', why: expect.stringContaining('aegis-4') });
    expect(cluster.done).toEqual(['aegis-4 100/1200']);
  });

  test('waits while two are unwell, and says what it waits for', async () => {
    cluster.settings.set('aegis-4', SLOWER).set('aegis-5', SLOWER);
    cluster.unwell.add('aegis-4').add('aegis-5');
    expect(await to(SLOWER)).toMatchObject({
      kind: 'held',
      why: expect.stringMatching(/only 2 .* 3 are needed/),
    });
    expect(cluster.done).toEqual([]);
  });

  test('takes settings back with which a member does not come back, and touches nobody else', async () => {
    cluster.deadly = ({ electionTimeoutMs }) => electionTimeoutMs === 1_200;
    expect(await to(SLOWER)).toMatchObject({ kind: 'taken-back', why: expect.stringContaining('aegis-1') });
    expect(cluster.done).toEqual(['aegis-1 100/1200', 'aegis-1 100/1000']);
  });

  test('tells what the leader refuses', async () => {
    cluster.refuses = true;
    expect(await to({ ...DEFAULTS, leaseMaxTtlMs: 60_000 })).toMatchObject({
      kind: 'held',
      why: expect.stringContaining('rule lease-range'),
    });
  });

  test('stops between two members when it is told to', async () => {
    const stop = new AbortController();
    cluster.onRestart = (name) => {
      if (name === 'aegis-3') stop.abort();
    };
    expect(await to(SLOWER, stop.signal)).toEqual({ kind: 'stopped' });
    expect(cluster.done).toHaveLength(2);
  });
});
