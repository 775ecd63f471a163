import { writeFileSync } from 'node:fs';

import { renderErrorTable } from './table.js';

/** `npm run docs`: writes the table of errors where people read it. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: write-docs FILE');
writeFileSync(file, renderErrorTable());
