import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderErrorTable } from './table.js';

test('docs/errors.md is the table as it is (npm run docs writes it)', () => {
  const file = join(import.meta.dirname, '../../../docs/errors.md');
  expect(readFileSync(file, 'utf8')).toBe(renderErrorTable());
});
