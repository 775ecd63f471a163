import { expect, test } from '@jest/globals';
import type { NoiseSample } from '../truth/noise.js';
import type { Call } from '../truth/log.js';
import { noisy } from './admit.js';
import type { Run } from './record-run.js';

const UNTOUCHED_MS = 40_000;

/** A minute of calls by way of one member, 20 ms each but in the seconds of `lateSeconds`, on a machine like `noise`. */
function runOf(lateSeconds: readonly number[], noise: Partial<NoiseSample> = {}): Run {
  const seconds = Array.from({ length: 60 }, (_, second) => second);
  const calls = seconds.flatMap((second) =>
    Array.from({ length: 10 }, (_, at): Call => ({
      via: 1,
      beganMs: second * 1000 + at * 100,
      tookMs: lateSeconds.includes(second) && at === 0 ? 100 : 20,
    })),
  );
  return {
    noise: seconds.map((second) => ({
      atMs: second * 1000,
      foreignCpu: 0.02,
      fsyncMs: 1,
      ioPressure: 0,
      ...noise,
    })),
    truth: {
      members: [1],
      durationMs: 60_000,
      statuses: [],
      disks: [],
      calls,
      keepers: [],
      demand: seconds.map((second) => ({ second, clients: 10, bytes: 100 })),
      handoversMs: [],
    },
  } as unknown as Run;
}

test('answers that are late now and then before the fault are borne, up to a tenth of the time', () => {
  // Of the 32 s from the eighth to the fortieth.
  expect(noisy(runOf([10, 17, 30]), UNTOUCHED_MS)).toBeUndefined();
  expect(noisy(runOf([10, 17, 24, 30]), UNTOUCHED_MS)).toEqual({
    reason: 'noise',
    detail: 'answers were late for 4000 ms before anything was done',
  });
});

test('neither what is late while the cluster warms up counts, nor what is late after the fault', () => {
  expect(noisy(runOf([5, 6, 7, 41, 42, 43, 44, 45]), UNTOUCHED_MS)).toBeUndefined();
});

test('a machine that others use is not quiet', () => {
  expect(noisy(runOf([], { foreignCpu: 0.3 }), UNTOUCHED_MS)?.detail).toBe(
    'others used 0.30 processors on average',
  );
  expect(noisy(runOf([], { fsyncMs: 25 }), UNTOUCHED_MS)?.detail).toBe(
    "a sync on the host's own disk took 25 ms",
  );
});
