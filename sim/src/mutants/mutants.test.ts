import { expect, test } from '@jest/globals';

import { Lane } from './lane.js';
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

test('a lane runs one seed after the other, and tells the broken replica from the sound one', async () => {
  const plan = { steps: undefined, seconds: 1, loaded: true, plan: undefined };
  const sound = new Lane(undefined, plan);
  const broken = new Lane('commit-without-quorum', { ...plan, seconds: 5 });
  try {
    for (const seed of [1, 2]) expect((await sound.run(seed)).invariant).toBeUndefined();
    expect((await broken.run(1)).invariant).toBeDefined();
    expect((await broken.run(2)).invariant).toBeDefined();
  } finally {
    await Promise.all([sound.end(), broken.end()]);
  }
}, 120_000);
