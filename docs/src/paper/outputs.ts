import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { between } from '../write/between.js';
import type { BenchOps } from './bench.js';
import { figure } from './figure.js';
import { paperTables } from './tables.js';

const PAPER = 'docs/paper/paper.md';

/** What `make bench-ops JSON=1` printed of some sets. */
interface Source {
  readonly data: string;
  /** Stands before the names of its marks in the paper. */
  readonly prefix: string;
  /** Those of its tables that the paper has; undefined: all. */
  readonly tables?: readonly string[];
  readonly figure?: string;
}

const SOURCES: readonly Source[] = [
  { data: 'docs/paper/data/bench-ops.json', prefix: '', figure: 'docs/paper/figures/top1.svg' },
  {
    data: 'docs/paper/data/bench-ops-fresh.json',
    prefix: 'fresh ',
    figure: 'docs/paper/figures/top1-fresh.svg',
  },
  { data: 'docs/paper/data/bench-ops-held-out.json', prefix: 'held-out ', tables: ['set', 'methods'] },
];

/** The data that there are. */
export function paperData(root: string): (Source & { readonly bench: BenchOps })[] {
  return SOURCES.filter(({ data }) => existsSync(join(root, data))).map((source) => ({
    ...source,
    bench: JSON.parse(readFileSync(join(root, source.data), 'utf8')) as BenchOps,
  }));
}

/** The paper and its figures, with what follows from the committed data. */
export function paperOutputs(root: string): [string, string][] {
  let paper = readFileSync(join(root, PAPER), 'utf8');
  const figures: [string, string][] = [];
  for (const { bench, prefix, tables, figure: path } of paperData(root)) {
    for (const [name, content] of paperTables(bench)) {
      if (tables?.includes(name) === false) continue;
      const mark = `${prefix}${name}`;
      const ends = [`<!-- ${mark}: made of the bench's JSON -->`, `<!-- end of ${mark} -->`] as const;
      paper = between(paper, ends, content);
    }
    if (path !== undefined) figures.push([path, figure(bench)]);
  }
  return [[PAPER, paper], ...figures];
}
