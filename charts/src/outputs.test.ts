import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputs } from './outputs.js';
import { valueRows } from './values-table.js';

const CHARTS = join(import.meta.dirname, '../..', 'charts');
const files = outputs(CHARTS);

test.each([...files.keys()])('%s is what its sources say (npm run charts writes it)', (path) => {
  expect(readFileSync(join(CHARTS, path), 'utf8')).toBe(files.get(path));
});

test('values are listed with the comment and the default that they have', () => {
  const rows = valueRows(`# -- First.
a: 1
# not a description
b:
  # -- Second,
  # in two lines.
  c: []
  d: { e: x }
`);
  expect(rows).toEqual([
    { path: 'a', default: '1', description: 'First.' },
    { path: 'b.c', default: '[]', description: 'Second, in two lines.' },
    { path: 'b.d.e', default: '"x"', description: '' },
  ]);
});
