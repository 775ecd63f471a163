import { expect } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';

/** As `toEqual`, which takes ten times as long to find out that all is well as to tell what is not. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
