import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProto } from '../api/proto.js';
import { renderApi } from '../api/render.js';
import { drawing, listing } from '../imports/draw.js';
import { folders, importsOf, packages, reduced } from '../imports/graph.js';
import { paperOutputs } from '../paper/outputs.js';
import { readRepository, ROOT } from '../read/repository.js';
import { between } from './between.js';

const DRAWN = [
  'replica/src',
  'client/src',
  'operator/src',
  'agent/src',
  'sim/src',
  'bench/consensusops/src',
] as const;
const MARKS = ['<!-- drawn from the imports by `npm run docs` -->', '<!-- end of the drawing -->'] as const;

/** Every page, or part of one, that follows from other sources: content by path from the root. */
export function outputs(root: string = ROOT): ReadonlyMap<string, string> {
  const imports = importsOf(root, readRepository(root).paths);
  const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  return new Map([
    ['docs/api.md', apiPage(root)],
    ['docs/imports.md', importsPage(imports)],
    ['ARCHITECTURE.md', between(architecture, MARKS, drawing(reduced(packages(imports))))],
    ...paperOutputs(root),
  ]);
}

function apiPage(root: string): string {
  const folder = join(root, 'proto/aegis/v1');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.proto'))
    .sort();
  return renderApi(
    new Map(names.map((name) => [name, readProto(name, readFileSync(join(folder, name), 'utf8'))])),
  );
}

function importsPage(imports: ReadonlyMap<string, readonly string[]>): string {
  const head = `# Who imports whom

Written by \`npm run docs\` from the imports of the sources, without tests; a test holds this page against them. What the parts are for says
[ARCHITECTURE.md](../ARCHITECTURE.md).`;
  const parts = DRAWN.map((source) => `## ${source}\n\n${listing(folders(imports, source))}`);
  return `${[head, `## Workspaces\n\n${listing(packages(imports))}`, ...parts].join('\n\n')}\n`;
}
