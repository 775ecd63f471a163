import { BackupWriter } from '@aegis/replica/backup';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addToSeries } from './series.js';
import { HEADER } from './testing-header.js';

const BEGAN_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-series-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* whole(): AsyncGenerator<Uint8Array> {
  const writer = new BackupWriter(HEADER);
  const rows = Buffer.from('rows');
  yield writer.begin();
  yield writer.rows(rows);
  yield writer.end(createHash('sha256').update(rows).digest());
}

const add = (at: number, keep: number, source: AsyncIterable<Uint8Array> = whole(), name = 'aegis') =>
  addToSeries(source, folder, { name, keep, nowMs: BEGAN_MS + at * 1_000 }, () => undefined);

test('a series keeps its newest, and nothing else in the folder is touched', async () => {
  const others = [
    'aegis-notes.aegis',
    'aegis-20260102T030405Z.aegis.123.part',
    'other-20200102T030405Z.aegis',
  ];
  for (const other of others) writeFileSync(join(folder, other), '');
  for (let at = 0; at < 4; at++) await add(at, 3);
  const { file, deleted, summary } = await add(4, 3);
  expect(file).toBe('aegis-20260102T030409Z.aegis');
  expect(deleted).toEqual(['aegis-20260102T030406Z.aegis']);
  expect(summary.header.index).toBe(7);
  const series = ['07', '08', '09'].map((second) => `aegis-20260102T0304${second}Z.aegis`);
  expect(readdirSync(folder).toSorted()).toEqual([...others, ...series].toSorted());
});

test('fewer may be kept from one run to the next, and a clock that went back does not cost the new one', async () => {
  for (let at = 0; at < 4; at++) await add(at, 10);
  await add(-100, 2);
  expect(readdirSync(folder).toSorted()).toEqual([
    'aegis-20260102T030225Z.aegis',
    'aegis-20260102T030408Z.aegis',
  ]);
});

test('a backup that fails costs nothing', async () => {
  await add(0, 1);
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield new BackupWriter(HEADER).begin();
  }
  await expect(add(1, 1, cut())).rejects.toThrow(/no whole backup/);
  await expect(add(0, 1)).rejects.toThrow(/is there already/);
  expect(readdirSync(folder)).toEqual(['aegis-20260102T030405Z.aegis']);
});
