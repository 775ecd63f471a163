import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { KINDS } from '../definition.js';
import { renderReference } from './reference.js';
import { renderYaml, yamlName } from './yaml.js';

const ROOT = join(import.meta.dirname, '../../..');

test('crds/yaml and docs/crds.md are the definitions as they are (npm run crds writes them)', () => {
  const folder = join(ROOT, 'crds', 'yaml');
  expect(readdirSync(folder).sort()).toEqual(KINDS.map(yamlName).sort());
  for (const kind of KINDS) expect(readFileSync(join(folder, yamlName(kind)), 'utf8')).toBe(renderYaml(kind));
  expect(readFileSync(join(ROOT, 'docs', 'crds.md'), 'utf8')).toBe(renderReference());
});
