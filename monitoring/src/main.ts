import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputs } from './write/outputs.js';
import { withAlertTable } from './write/table.js';

/** `npm run monitoring`: writes dashboards, rules and the table of alerts where people read them. */
const [folder, page] = process.argv.slice(2);
if (folder === undefined || page === undefined) throw new Error('usage: main FOLDER PAGE-WITH-THE-TABLE');
for (const [path, content] of outputs()) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
writeFileSync(page, withAlertTable(readFileSync(page, 'utf8')));
