import { expect, test } from '@jest/globals';
import { ManualClock } from '../clock/manual-clock.js';
import { Trust, trustMarginMs } from './trust.js';

const TTL_MS = 10_000;
const TRUSTED_MS = 9_800;

function begin(): { clock: ManualClock; trust: Trust } {
  const clock = new ManualClock();
  return { clock, trust: new Trust(clock, clock.now(), TTL_MS) };
}

test('the margin is 1 % of the TTL, but at least 200 ms', () => {
  expect(trustMarginMs(1_000)).toBe(200);
  expect(trustMarginMs(20_000)).toBe(200);
  expect(trustMarginMs(60_000)).toBe(600);
});

test('trust lasts from the sending until TTL less the margin, to the millisecond', () => {
  const { clock, trust } = begin();
  expect(trust.remainingMs()).toBe(TRUSTED_MS);
  clock.pause(TRUSTED_MS - 1);
  expect(trust.valid()).toBe(true);
  clock.pause(1);
  expect(trust.valid()).toBe(false);
});

test('a suspend of the machine counts, although the monotonic clock stood still', () => {
  const { clock, trust } = begin();
  clock.suspend(TRUSTED_MS);
  expect(trust.valid()).toBe(false);
});

test('setting the wall clock back wins no time', () => {
  const { clock, trust } = begin();
  clock.setWall(-3_600_000);
  clock.pause(TRUSTED_MS);
  expect(trust.valid()).toBe(false);
});

test('an acknowledged renewal counts from its own sending', () => {
  const { clock, trust } = begin();
  clock.pause(3_000);
  const sent = clock.now();
  clock.pause(500);
  trust.extend(sent, TTL_MS);
  expect(trust.remainingMs()).toBe(TRUSTED_MS - 500);
});

test('an acknowledgement that was overtaken by a newer one takes nothing away', () => {
  const { clock, trust } = begin();
  const older = clock.now();
  clock.pause(1_000);
  trust.extend(clock.now(), TTL_MS);
  trust.extend(older, TTL_MS);
  expect(trust.remainingMs()).toBe(TRUSTED_MS);
});

test('trust that has ended never comes back, even if the clocks do or an acknowledgement comes late', () => {
  const { clock, trust } = begin();
  const sent = clock.now();
  clock.suspend(TTL_MS);
  expect(trust.valid()).toBe(false);
  clock.setWall(-TTL_MS);
  expect(trust.valid()).toBe(false);
  trust.extend(sent, 10 * TTL_MS);
  expect(trust.valid()).toBe(false);
});

test('an acknowledgement that arrives after the trust has ended is not counted, though nobody had looked', () => {
  const { clock, trust } = begin();
  clock.pause(5_000);
  const sent = clock.now();
  clock.pause(5_000);
  trust.extend(sent, TTL_MS);
  expect(trust.valid()).toBe(false);
});
