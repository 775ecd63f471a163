import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../read/repository.js';
import { paperData } from './outputs.js';
import { paperTables } from './tables.js';
import { printing, wayOf } from './tools.js';

const data = paperData(ROOT);
const { bench } = data[0]!;

test.each(data)(
  '$data is what the bench says (make -s bench-ops SET=… JSON=1 > $data, then npm run docs)',
  ({ bench: kept }) => {
    const program = join(ROOT, 'bench/dist/consensusops/src/report/main.js');
    const argv = [program, '--set', kept.sets.join(','), '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, argv, {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(kept);
  },
  120_000,
);

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
