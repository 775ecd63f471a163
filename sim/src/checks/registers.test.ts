import { describe, expect, test } from '@jest/globals';

import { type Operation, whyNotLinearizable } from './registers.js';

const write = (value: string, began: number, ended: number): Operation => ({
  kind: 'write',
  value,
  began,
  ended,
});
const read = (value: string | undefined, began: number, ended: number): Operation => ({
  kind: 'read',
  value,
  began,
  ended,
});

describe('a register', () => {
  test('is linearizable when reads see the newest write', () => {
    expect(
      whyNotLinearizable([
        read(undefined, 1, 2),
        write('a', 3, 4),
        read('a', 5, 6),
        write('b', 7, 9),
        read('b', 8, 10),
      ]),
    ).toBeUndefined();
  });

  test('may show either of two values while the second is written', () => {
    expect(
      whyNotLinearizable([write('a', 1, 2), write('b', 3, 9), read('a', 4, 5), read('b', 6, 7)]),
    ).toBeUndefined();
  });

  test('may show a write that nobody answered, also much later', () => {
    expect(whyNotLinearizable([write('a', 1, Infinity), write('b', 2, 3), read('a', 8, 9)])).toBeUndefined();
  });

  test('must not show an old value after a newer write has ended', () => {
    expect(whyNotLinearizable([write('a', 1, 2), write('b', 3, 4), read('a', 5, 6)])).toContain('a');
  });

  test('must not go back from a new value to an old one', () => {
    const operations = [write('a', 1, 2), write('b', 3, 20), read('b', 4, 5), read('a', 6, 7)];
    expect(whyNotLinearizable(operations)).toBeDefined();
  });

  test('must not show what nobody wrote, or not yet, or what was refused', () => {
    expect(whyNotLinearizable([read('a', 1, 2)])).toContain('nobody wrote it');
    expect(whyNotLinearizable([read('a', 1, 2), write('a', 3, 4)])).toContain('before it was written');
    expect(whyNotLinearizable([{ ...write('a', 1, 2), refused: true }, read('a', 3, 4)])).toContain(
      'nobody wrote it',
    );
  });
});
