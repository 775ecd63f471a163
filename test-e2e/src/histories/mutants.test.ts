import { expect, test } from '@jest/globals';

import { changed, MUTANTS } from './mutants.js';

test.each(Object.keys(MUTANTS))('the mutant %s fits the compiled replica', (name) => {
  expect(changed(name)).toContain(MUTANTS[name]!.put);
});
