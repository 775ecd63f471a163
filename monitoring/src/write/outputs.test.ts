import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outputs } from './outputs.js';
import { withAlertTable } from './table.js';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'monitoring');
const files = outputs();

test.each([...files.keys()])('%s is what its source says (npm run monitoring writes it)', (path) => {
  expect(readFileSync(join(FOLDER, path), 'utf8')).toBe(files.get(path));
});

test.each(['dashboards', 'rules'])('nothing is left over in %s', (folder) => {
  const there = readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`);
  expect(there.filter((path) => !files.has(path))).toEqual([]);
});

test('the table of alerts in the documents is what the source says', () => {
  const page = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8');
  expect(page).toBe(withAlertTable(page));
  expect(() => withAlertTable('# A page without a place')).toThrow(/has to have the lines/);
});
