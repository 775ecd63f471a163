import { expect, test } from '@jest/globals';

import { MUTANTS } from './mutants.js';
import { checkFit } from './plant.js';

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  'the mutant %s fits the code',
  (_name, mutant) => {
    checkFit(mutant);
  },
);

test('a mutant that does not fit exactly once is refused', () => {
  const edit = { file: 'raft/start.js', find: 'no such line', put: '' };
  expect(() => checkFit({ name: 'x', claim: '', edits: [edit] })).toThrow(
    'raft/start.js has 0 times "no such line"',
  );
  const twice = { ...edit, find: 'core' };
  expect(() => checkFit({ name: 'x', claim: '', edits: [twice] })).toThrow('does not fit');
});
