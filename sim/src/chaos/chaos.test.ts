import { readTrace, type Trace } from '@aegis/client/chaos';
import { expect, test } from '@jest/globals';

import { runSeed } from '../run/run-seed.js';

const trace = (faults: readonly string[]): Trace =>
  readTrace(
    `name: one
about: For a test.
duration: 6s
roles: { one: leader, two: follower }
load: [{ kind: mix, clients: 4, perSecond: 20 }, { kind: locks, clients: 2, perSecond: 4, locks: 2 }]
faults: [${faults.join(', ')}]`,
    'here',
  );
const seeds = (chaos: Trace) => ({
  steps: undefined,
  seconds: undefined,
  loaded: false,
  plan: undefined,
  chaos,
});

test('every kind of fault can happen to a simulated world, which stays sound', async () => {
  const all = trace([
    '{ kind: kill, on: two, at: 1s }',
    '{ kind: pause, on: one, at: 2s, for: 1500ms }',
    '{ kind: link, from: two, to: others, both: true, at: 500ms, for: 1s, every: 2s, cut: true }',
    '{ kind: link, from: all, to: all, at: 1s, for: 2s, lossPercent: 20, delayMs: 20, jitterMs: 50 }',
    '{ kind: fsync, on: two, at: 2s, for: 1s, slowMs: 50 }',
    '{ kind: fsync, on: others, at: 4s, for: 400ms, stalled: true }',
    '{ kind: disk, on: two, at: 3s, for: 1s }',
    '{ kind: cpu, on: one, at: 1s, for: 1s, percent: 10 }',
    '{ kind: stall, on: leader, at: 4s, ms: 400 }',
    '{ kind: garbage, on: two, at: 1s, for: 1s, mbPerSecond: 500 }',
    '{ kind: clock, on: two, at: 1s, for: 3s, offsetMs: 3600000, driftPpm: 100000 }',
    '{ kind: jump, on: one, at: 3s, ms: -5000 }',
    '{ kind: transfer, to: two, at: 5s }',
  ]);
  for (const seed of [1, 2]) {
    const { violation, tally } = await runSeed(seed, seeds(all));
    expect(violation).toBeUndefined();
    // At most the leader of a moment in which nobody led.
    expect(tally['chaos not done'] ?? 0).toBeLessThanOrEqual(2);
    expect(tally['chaos done']).toBeGreaterThanOrEqual(20);
  }
}, 60_000);

test('a trace replays: the same seed is the same world, another one casts others', async () => {
  const cut = trace(['{ kind: link, from: two, to: others, both: true, at: 1s, for: 1s, cut: true }']);
  const hashes = [];
  for (const seed of [5, 5, 6]) hashes.push((await runSeed(seed, seeds(cut))).traceHash);
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
}, 60_000);

test('what the trace says happens: a leader that is cut off is deposed, a sound one stays', async () => {
  const cut = trace([
    '{ kind: link, from: one, to: others, both: true, at: 1s, for: 4s, cut: true }',
    '{ kind: link, from: one, to: two, both: true, at: 1s, for: 4s, cut: true }',
  ]);
  const leaders = [];
  for (const each of [cut, trace([])]) leaders.push((await runSeed(7, seeds(each))).tally['leaders']);
  expect(leaders[0]).toBeGreaterThan(1);
  expect(leaders[1]).toBe(1);
}, 60_000);

test('a leader whose syncs do not return is replaced, and they return when the fault ends', async () => {
  const stuck = trace(['{ kind: fsync, on: one, at: 1s, for: 4s, stalled: true }']);
  const { violation, tally } = await runSeed(7, seeds(stuck));
  expect(violation).toBeUndefined();
  expect(tally['leaders']).toBe(2);
}, 60_000);
