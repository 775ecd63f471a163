import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import type { WorldPlan } from '../plan/plan.js';
import { runSeed } from './run-seed.js';

const seeds = { steps: 15_000, seconds: undefined, loaded: false, plan: undefined };

describe('a seed', () => {
  test('runs the same twice, event by event', async () => {
    const hashes = new Set<string>();
    for (const seed of [2, 5, 28]) {
      const first = await runSeed(seed, seeds);
      const again = await runSeed(seed, seeds);
      expect(again).toEqual(first);
      hashes.add(first.traceHash);
    }
    expect(hashes.size).toBe(3);
  }, 60_000);

  test('holds what a cluster promises, under load and faults', async () => {
    let operations = 0;
    let faults = 0;
    for (let seed = 101; seed <= 112; seed++) {
      const { violation, operations: done, tally } = await runSeed(seed, seeds);
      expect({ seed, violation }).toEqual({ seed, violation: undefined });
      operations += done.done;
      for (const [what, count] of Object.entries(tally)) if (what.startsWith('fault ')) faults += count;
    }
    expect(operations).toBeGreaterThan(500);
    expect(faults).toBeGreaterThan(20);
  }, 120_000);

  test.each(['power-cuts', 'partitions', 'idle'])(
    'holds them while members come, go and lose their folders (%s)',
    async (name) => {
      const file = new URL(`../../plans/membership-${name}.json`, import.meta.url);
      const plan = JSON.parse(readFileSync(file, 'utf8')) as WorldPlan;
      const { violation, tally } = await runSeed(1, { ...seeds, steps: undefined, seconds: 10, plan });
      expect(violation).toBeUndefined();
      expect(tally['changes made']).toBeGreaterThan(5);
    },
    60_000,
  );
});
