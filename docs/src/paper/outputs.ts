import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { between } from '../write/between.js';
import type { BenchOps } from './bench.js';
import { figure } from './figure.js';
import { paperTables } from './tables.js';

const PAPER = 'docs/paper/paper.md';
/** What `make bench-ops JSON=1` printed. */
export const DATA = 'docs/paper/data/bench-ops.json';

/** The paper and its figure, with what follows from the committed data. */
export function paperOutputs(root: string): [string, string][] {
  const bench = JSON.parse(readFileSync(join(root, DATA), 'utf8')) as BenchOps;
  let paper = readFileSync(join(root, PAPER), 'utf8');
  for (const [name, content] of paperTables(bench))
    paper = between(
      paper,
      [`<!-- ${name}: made of the bench's JSON -->`, `<!-- end of ${name} -->`],
      content,
    );
  return [
    [PAPER, paper],
    ['docs/paper/figures/top1.svg', figure(bench)],
  ];
}
