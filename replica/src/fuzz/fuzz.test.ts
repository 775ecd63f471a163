import { describe, expect, test } from '@jest/globals';

import type { Counts } from './attempt.js';
import { inputOf, runInputs, seedsOf } from './campaign.js';
import { minimise } from './minimise.js';
import type { Target } from './target.js';
import { TARGETS } from './targets/index.js';

const INPUTS = 300;
const none = (): Counts => ({ accepted: 0, msMax: 0, bytesMax: 0 });

describe('a share of `make fuzz`', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const seeds = await seedsOf(target);
    const counts = none();
    // The machine may be busy: time is judged by `make fuzz` alone.
    const patient = { ...target, msMax: Infinity };
    expect(await runInputs(patient, seeds, { seed: 7, first: 0, inputs: INPUTS }, counts)).toBeUndefined();
  });
});

describe('the fuzzer itself', () => {
  const seeds = [Buffer.from('0123456789')];
  const broken = (run: Target['run']): Target => ({
    name: 'broken',
    shape: 'bytes',
    seeds: () => seeds,
    run,
  });
  const find = (target: Target) => runInputs(target, seeds, { seed: 1, first: 0, inputs: 5000 }, none());

  test('finds a decoder that throws, and makes the input short', async () => {
    const target = broken((bytes) => {
      if (bytes.includes(0x80)) throw new TypeError('cannot read it');
      return true;
    });
    const found = await find(target);
    expect(found?.wrong).toContain('cannot read it');
    expect([...(await minimise(target, found!.input, found!.wrong))]).toEqual([0x80]);
    expect(inputOf(target, seeds, 1, found!.number)).toEqual(found!.input);
  });

  test('finds a decoder that believes a length', async () => {
    const kept: Uint8Array[] = [];
    const target = broken((bytes) => {
      if (bytes.length >= 4 && bytes.readUInt32BE(0) > 2 ** 31) kept.push(Buffer.alloc(100 * 2 ** 20, 1));
      return true;
    });
    expect((await find(target))?.wrong).toMatch(/^allocated \d+ bytes/);
  });

  test('finds a decoder that is slow', async () => {
    const target = broken((bytes) => {
      const end = performance.now() + (bytes.length > 20 ? 30 : 0);
      while (performance.now() < end);
      return true;
    });
    expect((await find({ ...target, msMax: 25 }))?.wrong).toMatch(/^took \d+ ms/);
  });
});
