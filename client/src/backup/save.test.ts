import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BackupWriter } from '@aegis/replica/backup';
import { checkBackup } from './check.js';
import { saveBackup } from './save.js';
import { HEADER } from './testing-header.js';

let root: string;
let file: string;
let whole: Buffer[];
let told: number[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegis-save-'));
  file = join(root, 'f.aegis');
  const writer = new BackupWriter(HEADER);
  const rows = Buffer.from('rows');
  whole = [writer.begin(), writer.rows(rows), writer.end(createHash('sha256').update(rows).digest())];
  told = [];
});

afterEach(() => rmSync(root, { recursive: true }));

async function* from(pieces: readonly (Buffer | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

const save = (pieces: readonly (Buffer | Error)[] = whole, force = false) =>
  saveBackup(from(pieces), file, { force, onBytes: (bytes) => told.push(bytes) });

test('a backup is there under its name, whole and for its owner only, and nothing else is', async () => {
  const summary = await save();
  expect(summary).toMatchObject({ header: { index: 7 }, chunks: 1 });
  expect(readdirSync(root)).toEqual(['f.aegis']);
  expect(readFileSync(file)).toEqual(Buffer.concat(whole));
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(told.at(-1)).toBe(Buffer.concat(whole).length);
  expect(await checkBackup(file)).toMatchObject({ digest: summary.digest });
});

describe('nothing is left of a backup', () => {
  const cases: [string, () => (Buffer | Error)[], RegExp][] = [
    ['whose source fails', () => [whole[0]!, new Error('gone')], /^gone$/],
    ['that is cut', () => whole.slice(0, 2), /no whole backup: it is cut off after \d+ bytes/],
    ['that is damaged', () => [whole[0]!, Buffer.from(whole[1]!).fill(0, 14)], /no whole backup: .* damaged/],
    ['that is none', () => [Buffer.from('a page of a proxy, in HTML')], /no whole backup: it is no backup/],
  ];
  test.each(cases)('%s', async (_what, pieces, message) => {
    writeFileSync(file, 'the one of yesterday');
    await expect(save(pieces(), true)).rejects.toThrow(message);
    expect(readdirSync(root)).toEqual(['f.aegis']);
    expect(readFileSync(file, 'utf8')).toBe('the one of yesterday');
  });
});

describe('a file that is there', () => {
  test('is not touched, and nothing is asked of the cluster', async () => {
    writeFileSync(file, 'the one of yesterday');
    let asked = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      asked = true;
      yield* whole;
    }
    const saving = saveBackup(source(), file, { force: false, onBytes: () => {} });
    await expect(saving).rejects.toThrow(/is there already.*--force/);
    expect(asked).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('the one of yesterday');
  });

  test('nor if it came while the backup was on its way', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield whole[0]!;
      writeFileSync(file, 'that of another');
      yield* whole.slice(1);
    }
    const saving = saveBackup(source(), file, { force: false, onBytes: () => {} });
    await expect(saving).rejects.toThrow(/is there already/);
    expect(readFileSync(file, 'utf8')).toBe('that of another');
    expect(readdirSync(root)).toEqual(['f.aegis']);
  });

  test('is replaced if that was said', async () => {
    writeFileSync(file, 'the one of yesterday');
    await save(whole, true);
    expect(readFileSync(file)).toEqual(Buffer.concat(whole));
  });
});

test('a name that cannot be: said before anything comes', async () => {
  mkdirSync(file);
  await expect(save()).rejects.toThrow(/is a folder/);
  file = join(root, 'none', 'f.aegis');
  await expect(save()).rejects.toThrow(/cannot be written: ENOENT/);
  expect(existsSync(join(root, 'none'))).toBe(false);
});
