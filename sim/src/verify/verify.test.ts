import { expect, test } from '@jest/globals';

import type { Question } from './question.js';
import { readQuestion } from './read-question.js';
import { seedsOf } from './seeds.js';
import { runJob, type Run } from './side.js';
import type { Job } from './simulated.js';
import { BrokenWorldError, verifyWith, type Runner } from './verify.js';

/** Heartbeats are later than the timeout again and again. */
const TRACE = `name: late
about: For a test.
duration: 12s
replicas: 3
load: [{ kind: puts, clients: 2, perSecond: 5 }]
faults: [{ kind: link, from: all, to: all, at: 2s, for: 9s, delayMs: 100, jitterMs: 300 }]
`;

function question(more: Record<string, unknown> = {}): Question {
  const input = {
    version: 1,
    class: 'ElectionStorm',
    replicas: 3,
    base: { heartbeatIntervalMs: 30, electionTimeoutMs: 150 },
    patch: { electionTimeoutMs: 1200 },
    trace: TRACE,
    ...more,
  };
  return readQuestion(JSON.stringify(input), 'here');
}

const SEEDS = { choosing: [1, 2], verifying: [11, 12] };

/** Worlds as a test says they are. */
function made(of: (job: Job) => Partial<Run['measured']> & { classes?: Run['classes']; violation?: string }) {
  const asked: Job[] = [];
  const runner: Runner = async (jobs) => {
    asked.push(...jobs);
    return jobs.map((job) => {
      const { classes = ['ElectionStorm'], violation, ...signals } = of(job);
      const measured = {
        elections: 0,
        lost: 0,
        lag: 0,
        snapshots: 0,
        expiries: 0,
        failures: 0,
        wait: 1,
        ...signals,
      };
      const finest = { elections: 1, lost: 1, lag: 0.1, snapshots: 1, expiries: 1, failures: 1, wait: 1 };
      return { measured, finest, classes, violation };
    });
  };
  return { runner, asked };
}

test('simulated worlds storm under hasty settings, and hardly under patient ones; the answer is the same twice', async () => {
  const real: Runner = async (jobs) => {
    const runs: Run[] = [];
    for (const job of jobs) runs.push(await runJob(question(), job));
    return runs;
  };
  const report = await verifyWith(question(), real, SEEDS);
  expect(report.replay.classSeen).toBe(2);
  const { result, before, after, deltaHigh, seeds } = report.verification;
  expect({ result, seeds }).toEqual({ result: 'Improves', seeds: 2 });
  expect(after).toBeLessThan(before);
  expect(deltaHigh).toBeLessThan(0);
  const again = await verifyWith(question(), real, SEEDS);
  expect(JSON.stringify(again)).toBe(JSON.stringify(report));
}, 240_000);

test('an incident that does not happen again is said so, and nothing is compared', async () => {
  const other = made(() => ({ elections: 9, classes: ['SlowFollower'] }));
  const far = made(() => ({ elections: 9 }));
  for (const [{ runner, asked }, observed] of [
    [other, undefined],
    [far, 20],
  ] as const) {
    const report = await verifyWith(question({ observed }), runner, SEEDS);
    expect(report.verification).toMatchObject({ result: 'CannotReproduce', before: 9000, delta: 0 });
    expect(asked.map(({ seed }) => seed)).toEqual(SEEDS.verifying);
    expect(report.signals).toBeUndefined();
  }
  const near = await verifyWith(question({ observed: 12 }), made(() => ({ elections: 9 })).runner, SEEDS);
  expect(near.verification.result).toBe('NoDifference');
});

test('of several patches the best is chosen on seeds that verify nothing, and one that harms only if all do', async () => {
  const candidates = [200, 400, 800].map((electionTimeoutMs) => ({ electionTimeoutMs }));
  const { runner, asked } = made(({ settings }) => ({
    elections: { 200: 8, 400: 4, 800: 2 }[settings.electionTimeoutMs] ?? 10,
    lost: settings.electionTimeoutMs === 800 ? 30 : 3,
  }));
  const report = await verifyWith(question({ patch: undefined, candidates }), runner, SEEDS);
  expect(report.patch).toEqual({ electionTimeoutMs: 400 });
  expect(report.chosen.map(({ harms }) => harms)).toEqual([false, false, true]);
  expect(report.verification).toMatchObject({
    result: 'Improves',
    before: 10_000,
    after: 4000,
    delta: -6000,
  });
  const patches = (seeds: readonly number[]) =>
    new Set(
      asked.filter(({ seed }) => seeds.includes(seed)).map(({ settings }) => settings.electionTimeoutMs),
    );
  expect(patches(SEEDS.choosing)).toEqual(new Set([150, 200, 400, 800]));
  expect(patches(SEEDS.verifying)).toEqual(new Set([150, 400]));
});

test('a world that breaks an invariant is no verdict', async () => {
  const { runner } = made(({ seed }) => (seed === 12 ? { violation: 'one leader a term: two' } : {}));
  const failed = await verifyWith(question(), runner, SEEDS).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(BrokenWorldError);
  expect(String(failed)).toContain('seed 12 broke an invariant');
});

test('no seed both chooses and verifies, and longer traces have fewer pairs', () => {
  for (const seed of [1, 2, 3]) {
    const { choosing, verifying } = seedsOf(seed, 60_000);
    expect(new Set([...choosing, ...verifying]).size).toBe(19);
    expect(Math.max(...choosing)).toBeLessThan(Math.min(...verifying));
    expect(seedsOf(seed, 60_000)).toEqual({ choosing, verifying });
  }
  expect(seedsOf(1, 60_000)).not.toEqual(seedsOf(2, 60_000));
  expect([10_000, 120_000].map((ms) => seedsOf(1, ms).verifying.length)).toEqual([16, 10]);
});
