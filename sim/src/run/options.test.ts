import { describe, expect, test } from '@jest/globals';

import { readOptions } from './options.js';

describe('options', () => {
  test('name one seed alone, or many from one on', () => {
    expect(readOptions([])).toMatchObject({ seed: 1, seeds: 100 });
    expect(readOptions(['--seed', '7'])).toMatchObject({ seed: 7, seeds: 1, workers: 1 });
    expect(readOptions(['--seed', '7', '--seeds', '3'])).toMatchObject({ seed: 7, seeds: 3 });
  });

  test('that make no sense are refused by name', () => {
    expect(() => readOptions(['--seed', 'x'])).toThrow('--seed x: a whole number');
    expect(() => readOptions(['--seeds', '0'])).toThrow('--seeds 0');
    expect(() => readOptions(['--steps', '5', '--seconds', '5'])).toThrow('exclude each other');
    expect(() => readOptions(['--loaded', '--plan', 'p.json'])).toThrow('exclude each other');
    expect(() => readOptions(['--trace', '--seeds', '2'])).toThrow('--trace follows one seed');
    expect(() => readOptions(['--sed', '5'])).toThrow('--sed');
  });
});
