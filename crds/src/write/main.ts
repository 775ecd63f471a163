import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '../definition.js';
import { renderReference } from './reference.js';
import { renderYaml, yamlName } from './yaml.js';

/** `npm run crds`: writes the definitions and their reference page where people read them. */
const [folder, page] = process.argv.slice(2);
if (folder === undefined || page === undefined) throw new Error('usage: main YAML-FOLDER PAGE');
mkdirSync(folder, { recursive: true });
for (const kind of KINDS) writeFileSync(join(folder, yamlName(kind)), renderYaml(kind));
writeFileSync(page, renderReference());
