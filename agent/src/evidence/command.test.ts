import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceCommand } from './command.js';
import { EvidenceLog } from './log.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-evidence-command-'));
  path = join(folder, 'evidence.jsonl');
  const log = EvidenceLog.open(path);
  log.append(0, 'one', 'observe', { a: 1 });
  log.append(1, 'two\u001b[31m', 'observe', 'x'.repeat(1_000));
  log.append(2, 'one', 'publish', null);
  log.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

test('prints all, or one incident, or one step', () => {
  expect(evidenceCommand([path]).out).toHaveLength(3);
  expect(evidenceCommand([path, '--incident', 'one']).out).toEqual([
    '1970-01-01T00:00:00.000Z  one  observe  {"a":1}',
    '1970-01-01T00:00:00.002Z  one  publish  null',
  ]);
  expect(
    evidenceCommand([path, '--step', 'publish', '--json']).out.map((line) => JSON.parse(line) as object),
  ).toMatchObject([{ n: 3, incident: 'one', output: null }]);
});

test('long outputs are cut, and names cannot steer a terminal', () => {
  const [, second] = evidenceCommand([path]).out;
  expect(second!.length).toBeLessThan(250);
  // eslint-disable-next-line no-control-regex
  expect(second).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test('says what is wrong', () => {
  expect(evidenceCommand([])).toMatchObject({ status: 64, err: [expect.stringContaining('usage')] });
  expect(evidenceCommand([path, '--nope'])).toMatchObject({ status: 64 });
  expect(evidenceCommand([join(folder, 'none')])).toMatchObject({
    status: 64,
    err: [expect.stringContaining('ENOENT')],
  });
  appendFileSync(path, 'x\n');
  expect(evidenceCommand([path])).toMatchObject({
    status: 65,
    err: [expect.stringContaining('line 4: no JSON')],
  });
});
