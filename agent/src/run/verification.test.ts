import { expect, test } from '@jest/globals';
import { IMPROVES } from '../forge/testing/pages.js';
import { readVerification } from './verification.js';

test('the pairs of runs are kept, at most 16 of them; an older verifier tells none', () => {
  const pairs = Array.from({ length: 40 }, (_, at) => [9_000 + at, 2_000] as const);
  const read = readVerification({ ...IMPROVES, pairs });
  expect(read).toEqual({ ...IMPROVES, pairs: pairs.slice(0, 16) });
  expect(readVerification(IMPROVES)).toEqual(IMPROVES);
});

test.each([[[[1, 2, 3]]], [[[1.5, 2]]], [['many']], [{}], [[[null, 1]]]])(
  'pairs that are none verify nothing: %j',
  (pairs) => {
    expect(readVerification({ ...IMPROVES, pairs })).toMatchObject({
      result: 'NotVerified',
      why: expect.stringContaining('pairs'),
    });
  },
);
