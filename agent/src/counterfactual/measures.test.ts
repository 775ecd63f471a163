import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { CLASSES } from '../diagnose/index.js';
import { windowOf } from '../telemetry/index.js';
import { scripted, type Script } from '../testing/cluster.js';
import { finest, MEASURE_NAMES, measured } from './measures.js';
import { aimOf, HARM, PRIMARY } from './signals.js';

const of = (script: Script) => measured(windowOf(scripted(script)));
const during = (second: number, from: number, to: number): boolean => second >= from && second < to;

test('every class has a signal that was fixed beforehand, and every signal a margin with its reason', () => {
  for (const name of CLASSES) {
    expect(MEASURE_NAMES).toContain(PRIMARY[name].measure);
    expect(PRIMARY[name].why).not.toBe('');
  }
  for (const name of MEASURE_NAMES) {
    expect(HARM[name].by).toBeGreaterThan(0);
    expect(HARM[name].share).toBeGreaterThan(0);
    expect(HARM[name].why).not.toBe('');
  }
});

test('a patch is judged by the class that its family is tuned against, or else by the first', () => {
  expect(aimOf({ electionTimeoutMs: 2000 }, ['SplitBrain', 'ElectionStorm'])).toBe('ElectionStorm');
  expect(aimOf({ logRetentionEntries: 2000 }, ['ElectionStorm', 'SlowFollower'])).toBe('SlowFollower');
  expect(aimOf({ leaseExpiryPerTick: 10 }, ['SplitBrain', 'Overload'])).toBe('SplitBrain');
  expect(aimOf({ electionTimeoutMs: 2000 }, [])).toBeUndefined();
});

test('a cluster that is well has nothing to count', () => {
  const { elections, lost, lag, snapshots, expiries, failures } = of({});
  expect({ elections, lost, lag, snapshots, expiries, failures }).toEqual({
    elections: 0,
    lost: 0,
    lag: 0,
    snapshots: 0,
    expiries: 0,
    failures: 0,
  });
});

test('elections are the terms a minute, whatever the length of the window', () => {
  const storm: Script = { replica: (second) => ({ term: 3 + Math.floor(second / 10) }) };
  expect(of(storm).elections).toBe(6);
  expect(of({ ...storm, seconds: 120 }).elections).toBe(6);
  expect(finest(windowOf(scripted({ seconds: 120 }))).elections).toBe(0.5);
});

test('what is lost is the time in which less than usual was committed', () => {
  expect(of({ replica: (second) => (during(second, 20, 25) ? { committed: 0 } : {}) }).lost).toBeCloseTo(
    5,
    5,
  );
  expect(of({ replica: (second) => (during(second, 20, 30) ? { committed: 20 } : {}) }).lost).toBeCloseTo(
    8,
    5,
  );
  expect(of({ replica: (second) => (during(second, 20, 30) ? { committed: 92 } : {}) }).lost).toBeCloseTo(
    0.8,
    5,
  );
});

test('commands are counted, and not entries: those that wait together share one', () => {
  const { lost } = of({ replica: (second) => (during(second, 20, 60) ? { entries: 40 } : {}) });
  expect(lost).toBe(0);
});

test('a rate that never comes back is lost, also if it is the more frequent one', () => {
  expect(of({ replica: (second) => (second < 20 ? {} : { committed: 70 }) }).lost).toBeGreaterThan(11);
});

test('what clients catch up with after a gap does not make up for it', () => {
  const caught = (second: number): number => (second % 20 === 5 ? 0 : second % 20 === 6 ? 200 : 100);
  expect(of({ replica: (second) => ({ committed: caught(second) }) }).lost).toBeCloseTo(2.7, 5);
});

test('chance cancels out, also where little is written: gaps of half a second are seen whole', () => {
  // Sixty clients that write or do not, each second.
  const written = (window: number, second: number): number => {
    const bits = createHash('sha256').update(`${window} ${second}`).digest();
    return Array.from({ length: 60 }, (_, at) => (bits[at >> 3]! >> (at & 7)) & 1).reduce((a, b) => a + b);
  };
  const lostWith = (gap: number): number => {
    const windows = Array.from({ length: 20 }, (_, window) =>
      of({
        replica: (second) => ({
          committed: Math.round(written(window, second) * (second % 5 === 2 ? 1 - gap : 1)),
        }),
      }),
    );
    return windows.reduce((total, { lost }) => total + lost, 0) / windows.length;
  };
  expect(lostWith(0)).toBeLessThan(1);
  expect(Math.abs(lostWith(0.5) - 6)).toBeLessThan(1);
  expect(Math.abs(lostWith(0.7) - 8.4)).toBeLessThan(1);
});

test('lag is told in seconds of writes, of the one that is furthest behind', () => {
  const { lag } = of({ replica: (second, at) => (at === 2 && during(second, 1, 61) ? { behind: 300 } : {}) });
  expect(lag).toBeGreaterThan(2.8);
  expect(lag).toBeLessThan(3.1);
});

test('a cluster that commits nothing half of the time is not the quicker for it', () => {
  const standing: Script['replica'] = (second, at) =>
    second % 20 < 10 ? { committed: 0 } : at === 2 ? { behind: 300 } : {};
  // Three seconds while it works, and five and a half on average while it stands.
  expect(of({ replica: standing }).lag).toBeGreaterThan(3.5);
  expect(of({ replica: standing }).lag).toBeLessThan(5);
  // Nobody waits where nobody asks.
  const idle: Script['replica'] = (second) => (second % 20 < 10 ? { committed: 0, pending: 0 } : {});
  expect(of({ replica: idle }).lag).toBe(0);
});

test('leases, snapshots and waiting are counted', () => {
  const { expiries, snapshots, wait } = of({
    replica: (second, at) => ({
      pending: 4,
      expired: during(second, 10, 12) ? 6 : 0,
      snapshots: at === 1 && second === 30 ? 1 : 0,
    }),
  });
  expect(expiries).toBeCloseTo(12, 5);
  expect(snapshots).toBeCloseTo(1, 5);
  // Twenty wait where a hundred a second are applied.
  expect(wait).toBeGreaterThan(100);
});

test('what nobody tells is not a number', () => {
  const { lost, lag } = of({ replica: () => ({ committed: 0 }) });
  expect(lost).toBeNaN();
  expect(lag).toBeNaN();
});
