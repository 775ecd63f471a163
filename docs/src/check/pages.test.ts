import { expect, test } from '@jest/globals';
import { readRepository } from '../read/repository.js';
import { judgesOf } from './against.js';
import { wrongIn } from './page.js';

const repository = readRepository();
const judges = judgesOf();

test.each([...repository.pages.values()])('$path names only what there is', (page) => {
  expect(wrongIn(page, repository, judges)).toEqual([]);
});

test('the pages that people begin with are among them', () => {
  for (const path of ['README.md', 'ARCHITECTURE.md', 'docs/operator.md', 'charts/aegis-operator/README.md'])
    expect(repository.pages.has(path)).toBe(true);
});
