import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputs } from './outputs.js';

/** `npm run charts`: writes what in the charts follows from other sources. */
const [charts] = process.argv.slice(2);
if (charts === undefined) throw new Error('usage: main FOLDER-OF-CHARTS');
for (const [path, content] of outputs(charts)) {
  const file = join(charts, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
