import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvidenceLog, readEvidence } from './log.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-evidence-'));
  path = join(folder, 'evidence.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(...steps: string[]): void {
  const log = EvidenceLog.open(path);
  for (const step of steps) log.append(1_000, 'one', step, { said: step });
  log.close();
}

test('what was written is there again, in order', () => {
  write('a', 'b');
  write('c');
  const records = readEvidence(path);
  expect(records.map(({ n, step }) => `${n} ${step}`)).toEqual(['1 a', '2 b', '3 c']);
  expect(records[2]).toMatchObject({ at: 1_000, incident: 'one', output: { said: 'c' } });
});

test('a line that was cut off, wherever, is taken away, and what follows is whole', () => {
  write('a', 'b');
  const whole = readFileSync(path);
  const second = whole.indexOf(0x0a) + 1;
  for (let cut = second; cut < whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const log = EvidenceLog.open(path);
    expect(log.tornBytes).toBe(cut - second);
    log.append(2_000, 'one', 'c', null);
    log.close();
    expect(readEvidence(path).map(({ step }) => step)).toEqual(['a', 'c']);
  }
});

test.each([
  ['a changed line', (text: string) => text.replace('"said":"a"', '"said":"x"'), /line 2: the line before/],
  ['a line taken out', (text: string) => text.replace(/^.*\n/, ''), /line 1/],
  [
    'lines in another order',
    (text: string) => text.trim().split('\n').toReversed().join('\n') + '\n',
    /line 1/,
  ],
  ['no JSON', (text: string) => text.replace('{', '['), /line 1: no JSON/],
  ['another record', () => '{"n":1}\n', /line 1: no record/],
  ['null', () => 'null\n', /line 1: no record/],
])('%s is refused, with the line', (_, spoil, message) => {
  write('a', 'b', 'c');
  writeFileSync(path, spoil(readFileSync(path, 'utf8')));
  expect(() => EvidenceLog.open(path)).toThrow(message);
  expect(() => readEvidence(path)).toThrow(message);
});

test('a line that is too long is refused, and nothing of it is written', () => {
  write('a');
  const log = EvidenceLog.open(path);
  expect(() => log.append(1, 'one', 'b', 'x'.repeat(1024 * 1024))).toThrow(/at most/);
  log.append(1, 'one', 'b', 1);
  log.close();
  expect(readEvidence(path)).toHaveLength(2);
});

test('what is being written is readable up to its last whole line', () => {
  write('a');
  appendFileSync(path, '{"n":2,');
  expect(readEvidence(path)).toHaveLength(1);
});
