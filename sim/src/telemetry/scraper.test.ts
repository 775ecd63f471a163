import { type ReplicaWindow, windowOf } from '@aegis/agent/telemetry';
import { readTrace } from '@aegis/client/chaos';
import { expect, test } from '@jest/globals';

import { runSeed, type SeedPlan } from '../run/run-seed.js';

const trace = readTrace(
  `name: seen
about: For a test.
duration: 20s
roles: { slow: follower, dead: follower, far: follower, still: follower }
load: [{ kind: mix, clients: 4, perSecond: 40 }]
faults:
  - { kind: fsync, on: slow, at: 5s, for: 10s, slowMs: 50 }
  - { kind: pause, on: still, at: 8s, for: 3500ms }
  - { kind: kill, on: dead, at: 10s }
  - { kind: link, from: leader, to: far, both: true, at: 5s, for: 10s, delayMs: 40 }`,
  'here',
);
const seeds = (scrapeMs: number | undefined): SeedPlan => ({
  steps: undefined,
  seconds: undefined,
  loaded: false,
  plan: undefined,
  chaos: trace,
  scrapeMs,
});

/** The largest of a feature from one second to another. */
function most(values: Float64Array | undefined, fromSecond: number, toSecond: number): number {
  return Math.max(...[...values!.slice(fromSecond, toSecond)].filter((value) => !Number.isNaN(value)));
}

test('what is scraped shows who was slow, still, dead and far; and looking changes nothing', async () => {
  const [blind, seen] = [await runSeed(3, seeds(undefined)), await runSeed(3, seeds(1000))];
  expect(seen.violation).toBeUndefined();
  expect(blind.recording).toBeUndefined();
  expect(seen.traceHash).toBe(blind.traceHash);

  const { replicas, timesMs } = windowOf(seen.recording!);
  expect(replicas).toHaveLength(5);
  expect(timesMs.length).toBeGreaterThanOrEqual(20);
  const which = (what: (replica: ReplicaWindow) => boolean): string[] =>
    replicas.filter(what).map(({ name }) => name);
  const slow = which(({ features }) => most(features.fsyncMean, 6, 14) > 0.05);
  const still = which(({ answered }) => answered.filter((did) => !did).length >= 3);
  const dead = which(({ features }) => most(features.restarted, 0, 20) === 1);
  const stood = which(({ features }) => most(features.loopMax, 0, 20) > 3);
  const leader = replicas.find(({ features }) => features.leads[15] === 1)!;
  const far = Object.entries(leader.links).filter(([, link]) => most(link.roundTripMean, 6, 14) > 0.08);
  for (const found of [slow, still, dead, far]) expect(found).toHaveLength(1);
  expect(stood).toEqual(still);
  expect(new Set([...slow, ...still, ...dead, far[0]![0], leader.name]).size).toBe(5);
}, 60_000);
