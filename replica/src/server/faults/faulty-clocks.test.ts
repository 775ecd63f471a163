import { expect, test } from '@jest/globals';

import { realEnvironment } from '../driver/real-environment.js';
import { Faults } from './faults.js';
import { faultyClocks } from './faulty-clocks.js';

function clocks() {
  const time = { monotonic: 1000, wall: 5_000_000 };
  const faults = new Faults();
  const real = { ...realEnvironment, monotonicMs: () => time.monotonic, wallMs: () => time.wall };
  return { time, faults, faulty: faultyClocks(real, faults) };
}

test('sound clocks are the real ones', () => {
  const { time, faulty } = clocks();
  time.monotonic += 17.5;
  expect(faulty.monotonicMs()).toBe(1017.5);
  expect(faulty.wallMs()).toBe(5_000_000);
});

test('an offset moves the wall clock alone', () => {
  const { faults, faulty } = clocks();
  faults.setClock({ offsetMs: -3_600_000, driftPpm: 0 });
  expect(faulty.wallMs()).toBe(1_400_000);
  expect(faulty.monotonicMs()).toBe(1000);
});

test('the monotonic clock drifts, and never goes back when the drift ends', () => {
  const { time, faults, faulty } = clocks();
  faults.setClock({ offsetMs: 0, driftPpm: 500_000 });
  time.monotonic += 100;
  expect(faulty.monotonicMs()).toBe(1150);
  faults.clear();
  expect(faulty.monotonicMs()).toBe(1150);
  time.monotonic += 100;
  expect(faulty.monotonicMs()).toBe(1250);
  faults.setClock({ offsetMs: 0, driftPpm: -500_000 });
  time.monotonic += 100;
  expect(faulty.monotonicMs()).toBe(1300);
});
