import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderEnvelope } from './reference.js';
import { RULES } from './rules.js';

test('docs/safety-envelope.md is the table as it is (npm run docs writes it)', () => {
  const file = join(import.meta.dirname, '../../../docs/safety-envelope.md');
  expect(readFileSync(file, 'utf8')).toBe(renderEnvelope());
});

test('every rule stands in it', () => {
  const page = renderEnvelope();
  for (const { id } of RULES) expect(page).toContain(`\`${id}\``);
});
