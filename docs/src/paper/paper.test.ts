import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../read/repository.js';
import type { BenchOps } from './bench.js';
import { DATA } from './outputs.js';
import { paperTables } from './tables.js';
import { printing, wayOf } from './tools.js';

const bench = JSON.parse(readFileSync(join(ROOT, DATA), 'utf8')) as BenchOps;

test('the data are what the bench says (make -s bench-ops JSON=1 > docs/paper/data/bench-ops.json, then npm run docs)', () => {
  const program = join(ROOT, 'bench/dist/consensusops/src/report/main.js');
  const { stdout, stderr } = spawnSync(process.execPath, [program, '--set', bench.sets.join(','), '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(bench);
}, 120_000);

test('a number that changes changes its table', () => {
  const [first, ...others] = bench.methods;
  const score = { ...first!.scores['1000']!, macroF1: 0.123 };
  const changed = {
    ...bench,
    methods: [{ ...first!, scores: { ...first!.scores, 1000: score } }, ...others],
  };
  expect(paperTables(changed).get('methods')).toContain('| 0.12 |');
  expect(paperTables(changed).get('methods')).not.toBe(paperTables(bench).get('methods'));
});

test('what is missing is told, and weasyprint goes before chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-paper-'));
  const install = (name: string): void => {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  };
  try {
    expect(wayOf(folder)).toEqual({ missing: expect.stringContaining('pandoc') });
    install('pandoc');
    expect(wayOf(folder)).toEqual({ pandoc: join(folder, 'pandoc'), pdf: undefined });
    install('chromium');
    expect(wayOf(folder)).toMatchObject({ pdf: { tool: 'chromium' } });
    install('weasyprint');
    expect(wayOf(`:${folder}`)).toMatchObject({ pdf: { tool: 'weasyprint' } });
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(printing('chromium', '/a.html', '/a.pdf')).toContain('file:///a.html');
});
