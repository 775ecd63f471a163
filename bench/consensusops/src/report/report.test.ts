import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Rejection } from '../labels/index.js';
import { render } from './render.js';
import { reportOf } from './report.js';
import { readChosen, setsOf } from './sets.js';

const folder = mkdtempSync(join(tmpdir(), 'aegis-report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

test('the sample is reported whole, and the same every time', () => {
  const sets = setsOf(['sample']);
  const shown = sets.flatMap(({ labels }) => labels.cases);
  const report = reportOf(sets, shown, {});
  expect(report.cases).toBe(shown.length);
  expect(report.incidents + report.controls).toBe(report.cases);
  expect(JSON.stringify(reportOf(sets, shown, {}))).toBe(JSON.stringify(report));
  for (const { scores, behind, method } of report.methods) {
    expect(Object.keys(scores)).toEqual(['1000', '5000', '15000']);
    expect(scores['1000']!.exact.of).toBe(report.incidents);
    expect(scores['1000']!.falseAlarms.of).toBe(report.controls);
    expect(behind === null).toBe(method === 'AEGIS baseline');
  }
  const text = render(report);
  for (const { method } of report.methods) expect(text).toContain(method);
  for (const { id } of report.misses) expect(text).toContain(id);
  expect(report.methods.map(({ method }) => method)).toContain('retrieval');
  expect(report.model).toBeNull();
  expect(text).toContain('Retrieval with a model is absent');
});

test('a template that was drawn and never became a case is named with why', () => {
  const [sample] = setsOf(['sample']);
  const rejected = (template: string, reason: Rejection['reason']): Rejection => ({
    template,
    reason,
    seed: 1,
    control: null,
    detail: 'x',
  });
  const labels = {
    ...sample!.labels,
    rejections: [
      rejected('nobody-knows', 'noise'),
      rejected('nobody-knows', 'no-class'),
      rejected('nobody-knows', 'no-class'),
      rejected(sample!.cases[0]!.label.template, 'noise'),
    ],
  };
  const report = reportOf([{ ...sample!, labels }], [], {});
  expect(report.withoutCase).toEqual({ 'nobody-knows': { 'no-class': 2, noise: 1 } });
  expect(render(report)).toContain('no try became a case: nobody-knows (no-class 2, noise 1)\n');
  expect(render(reportOf([{ ...sample!, labels: { ...labels, rejections: [] } }], [], {}))).not.toContain(
    'no try became a case',
  );
});

test('the numbers of the search are used', () => {
  const sets = setsOf(['sample']);
  const { methods } = reportOf(sets, [], { 'loudest counter': { times: 1e12 } });
  const loud = methods.find(({ method }) => method === 'loudest counter')!;
  expect(loud.chosen['times']).toBe(1e12);
  expect(loud.scores['1000']!.falseAlarms.right).toBe(0);
});

test('a set that is not there, or numbers that are none: what, where, and what to do', () => {
  expect(() => setsOf(['nothing'])).toThrow(
    /nothing: it is no set \(there are .*sample.*\); record one with: make bench-record/,
  );
  const path = join(folder, 'chosen.json');
  writeFileSync(path, '{"three-sigma":{"floor":"much"}}');
  expect(() => readChosen(path)).toThrow(`${path}, three-sigma: has to give each method numbers by name`);
  expect(readChosen(join(folder, 'none.json'))).toEqual({});
  const missing = run('--set', 'nothing');
  expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('it is no set')]);
  const wrong = run('--sets', 'sample');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('usage:')]);
});
