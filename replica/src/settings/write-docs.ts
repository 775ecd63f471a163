import { writeFileSync } from 'node:fs';
import { renderEnvelope } from './reference.js';

/** `npm run docs`: writes the safety envelope where people read it. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: write-docs FILE');
writeFileSync(file, renderEnvelope());
