import type { StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { batch, reports } from './check-fixture.js';
import { LeaseTimeCheck } from './lease-time.js';

type Done = Parameters<typeof batch>[1];

const grant = (lease: string, ttlMs: number): Done => [
  { $case: 'leaseGrant', value: { lease, ttlMs } },
  { $case: 'leaseGrant', value: { lease, ttlMs, grantIndex: 1 } },
];
const keep = (lease: string, ttlMs: number): Done => [
  { $case: 'leaseKeepAlive', value: { leases: [lease] } },
  { $case: 'leaseKeepAlive', value: { ttlMs: [ttlMs] } },
];
const expire = (upToMs: number, more = false): Done => [
  { $case: 'expire', value: { upToMs, limit: 100 } },
  { $case: 'expired', value: { leases: 0, waits: 0, delays: 0, more } },
];
const advance: Done = [
  { $case: 'advance', value: {} },
  { $case: 'done', value: {} },
];

/** Entries in order; the state after each has that lease time and those leases. */
function follows() {
  const { report, broken } = reports();
  const check = new LeaseTimeCheck(report, 0);
  let index = 0;
  const applies = (
    at: {
      atMs: number;
      stampedAtMs?: number;
      term?: number;
      stampMs?: number;
      clockMs: number;
      leases?: readonly string[];
    },
    ...done: Done[]
  ): void => {
    const state = {
      leaseClockMs: at.clockMs,
      lease: (id: string) => (at.leases?.includes(id) === true ? {} : undefined),
    } as unknown as StateMachine;
    check.committed(batch({ ...at, index: ++index }, ...done), state);
  };
  return { check, applies, broken };
}

test('a lease that is renewed, and ends once it is due, is no violation', () => {
  const { check, applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  applies({ atMs: 1500, clockMs: 500, leases: ['1'] }, keep('1', 1000));
  applies({ atMs: 2500, clockMs: 1500, leases: ['1'] }, advance);
  applies({ atMs: 2600, clockMs: 1600 }, expire(1500));
  check.full(9000);
  expect(broken).toEqual([]);
});

test('lease time that is not the sum of the stamps of one term is seen', () => {
  const { applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0 }, advance);
  applies({ atMs: 1400, clockMs: 400 }, advance);
  applies({ atMs: 3000, term: 2, clockMs: 400 }, advance);
  expect(broken).toEqual([]);
  applies({ atMs: 4000, term: 3, clockMs: 1400 }, advance);
  expect(broken).toEqual(['lease time is the sum of stamps']);
});

test('stamps that fall, that outrun true time, and those of terms that overlap are seen', () => {
  const { applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0 }, advance);
  applies({ atMs: 1100, stampMs: 900, clockMs: 0 }, advance);
  applies({ atMs: 1200, stampMs: 1900, clockMs: 1000 }, advance);
  expect(broken).toEqual(['stamps', 'stamps']);
  applies({ atMs: 1150, term: 2, clockMs: 1000 }, advance);
  expect(broken).toContain('committed stamps of terms do not overlap');
});

test('a lease that ends before it is due, and one that an Expire leaves, are seen', () => {
  const early = follows();
  early.applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  early.applies({ atMs: 1500, clockMs: 500 }, expire(500));
  expect(early.broken).toContain('leases end only when due');
  expect(early.broken).toContain('no lease ends early');
  const left = follows();
  left.applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 500));
  left.applies({ atMs: 1600, clockMs: 600, leases: ['1'] }, expire(600, true));
  expect(left.broken).toEqual([]);
  left.applies({ atMs: 1700, clockMs: 700, leases: ['1'] }, expire(700));
  expect(left.broken).toEqual(['an Expire ends what is due']);
});

test('a lease that outlives its bound is seen; what time stood still for is credited', () => {
  const { check, applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  for (let ms = 1500; ms <= 7000; ms += 500)
    applies({ atMs: ms, clockMs: ms - 1000, leases: ['1'] }, advance);
  check.full(5000);
  expect(broken).toEqual([]);
  check.full(7000);
  expect(broken).toEqual(['no lease outlives its bound']);

  const outage = follows();
  outage.applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  outage.applies({ atMs: 5000, term: 2, clockMs: 0, leases: ['1'] }, advance);
  outage.check.full(6000);
  expect(outage.broken).toEqual([]);
});

test('where commits take long, a lease that is over may wait for that of its Expire, and no longer', () => {
  const { check, applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  // Commits come all the time, each two seconds after its stamp.
  const commit = (atMs: number): void => {
    const stampedAtMs = Math.max(1000, atMs - 2000);
    applies({ atMs, stampedAtMs, clockMs: stampedAtMs - 1000, leases: ['1'] }, advance);
  };
  for (let ms = 1500; ms <= 7000; ms += 500) commit(ms);
  check.full(7000);
  expect(broken).toEqual([]);
  for (let ms = 7500; ms <= 9000; ms += 500) commit(ms);
  check.full(9000);
  expect(broken).toEqual(['no lease outlives its bound']);
});

test('what the Expires of a backlog take is credited, and nothing after the last of them', () => {
  const { check, applies, broken } = follows();
  applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 1000));
  for (let ms = 1500; ms <= 4000; ms += 500)
    applies({ atMs: ms, clockMs: ms - 1000, leases: ['1'] }, advance);
  applies({ atMs: 4500, clockMs: 3500, leases: ['1'] }, expire(3000, true));
  for (let ms = 5000; ms <= 6000; ms += 500)
    applies({ atMs: ms, clockMs: ms - 1000, leases: ['1'] }, advance);
  check.full(6500);
  applies({ atMs: 6500, clockMs: 5500, leases: ['1'] }, expire(900));
  for (let ms = 7000; ms <= 8500; ms += 500)
    applies({ atMs: ms, clockMs: ms - 1000, leases: ['1'] }, advance);
  check.full(8400);
  expect(broken).toEqual([]);
  applies({ atMs: 8600, clockMs: 7600, leases: ['1'] }, advance);
  check.full(8600);
  expect(broken).toEqual(['no lease outlives its bound']);
});

test('leases whose entry is due for grants count from the entry after an Expire among other commands', () => {
  const { check, applies } = follows();
  applies({ atMs: 1000, clockMs: 0, leases: ['1'] }, grant('1', 9000));
  applies({ atMs: 1500, clockMs: 500, leases: ['1'] }, expire(400));
  expect(check.dueUpToMs).toBe(400);
  applies({ atMs: 1600, clockMs: 600, leases: ['1'] }, expire(600), advance);
  expect(check.dueUpToMs).toBe(400);
});
