import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { crc32c } from '../log/crc32c.js';
import { STATE_VERSION } from '../state/version.js';
import { BackupError, type BackupHeader, BackupParser, BackupWriter, checkRestorable } from './index.js';
import { FORMAT_VERSION, PREFIX_BYTES } from './format.js';

const HEADER: BackupHeader = {
  stateVersion: STATE_VERSION,
  clusterId: '6fb5d3a2-0000-4000-8000-000000000001',
  memberId: 3,
  index: 12345,
  term: 7,
  stateHash: 'ab'.repeat(32),
  revision: 99,
  compactedRevision: 4,
  newestToken: 12,
  profile: 'all',
  voters: 5,
  takenAtMs: 1_700_000_000_000,
  software: '0.1.0',
};

function backupOf(chunks: readonly Uint8Array[], header = HEADER): Buffer {
  const writer = new BackupWriter(header);
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return Buffer.concat([
    writer.begin(),
    ...chunks.map((chunk) => writer.rows(chunk, crc32c(chunk))),
    writer.end(digest.digest()),
  ]);
}

/** Reads it in pieces; the rows of all chunks, or the error. */
function read(bytes: Uint8Array, pieceBytes = bytes.length || 1) {
  const parser = new BackupParser();
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const { rows } of parser.push(bytes.subarray(at, at + pieceBytes))) chunks.push(rows);
  }
  return { ...parser.finish(), rows: chunks };
}

function failure(bytes: Uint8Array, pieceBytes?: number): BackupError {
  try {
    read(bytes, pieceBytes);
  } catch (error) {
    if (error instanceof BackupError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const SMALL = backupOf([Buffer.from('the rows of one chunk'), Buffer.from('and of another')]);

test('what was written is read, in pieces of any size', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (chunks, pieceBytes) => {
      const bytes = backupOf(chunks);
      const { header, rows, digest, bytes: size } = read(bytes, pieceBytes);
      expect(header).toEqual(HEADER);
      expect(rows.map((each) => [...each])).toEqual(chunks.map((each) => [...each]));
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(size).toBe(bytes.length);
    }),
  );
});

describe('bad input', () => {
  test('any changed byte is found, and called damage wherever the file can still be recognised', () => {
    for (let at = 0; at < SMALL.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = Buffer.from(SMALL);
        bytes[at]! ^= flip;
        expect(`${at}: ${failure(bytes).code}`).toBe(`${at}: ${at < 8 ? 'NOT_A_BACKUP' : 'DAMAGED'}`);
      }
    }
  });

  test('in a large one too, wherever it is', () => {
    const large = backupOf(Array.from({ length: 20 }, (_, at) => Buffer.alloc(5000, at)));
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: large.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 9000 }),
        (at, flip, pieceBytes) => {
          const bytes = Buffer.from(large);
          bytes[at]! ^= flip;
          expect(failure(bytes, pieceBytes).code).toBe('DAMAGED');
        },
      ),
    );
  });

  test('cut anywhere it is called cut, and says where', () => {
    for (let end = 1; end < SMALL.length; end++) {
      const error = failure(SMALL.subarray(0, end));
      expect(error.code).toBe('CUT');
      expect(error.message).toContain(`after ${end} bytes`);
    }
  });

  test('two halves of different backups are no backup', () => {
    const other = backupOf([Buffer.from('the rows of one chunk'), Buffer.from('but not of the others')]);
    const headEnd = backupOf([]).length - 40;
    expect(
      failure(Buffer.concat([SMALL.subarray(0, headEnd + 30), other.subarray(headEnd + 30)])),
    ).toBeInstanceOf(BackupError);
    const strange = backupOf([Buffer.from('the rows of one chunk'), Buffer.from('and of another')], {
      ...HEADER,
      index: 12346,
    });
    // Same rows, same lengths, the header of another one: only the digest tells.
    const rowsFrom = SMALL.indexOf('the rows') - 13;
    expect(failure(Buffer.concat([strange.subarray(0, rowsFrom), SMALL.subarray(rowsFrom)]))).toMatchObject({
      code: 'DAMAGED',
      message: expect.stringContaining('digest'),
    });
  });

  test('a chunk that is missing, or comes twice, is damage', () => {
    const from = SMALL.indexOf('the rows') - 13;
    const to = SMALL.indexOf('and of') - 13;
    const without = Buffer.concat([SMALL.subarray(0, from), SMALL.subarray(to)]);
    expect(failure(without).code).toBe('DAMAGED');
    const twice = Buffer.concat([SMALL.subarray(0, to), SMALL.subarray(from)]);
    expect(failure(twice).code).toBe('DAMAGED');
  });

  test('bytes after the end are damage', () => {
    expect(failure(Buffer.concat([SMALL, Buffer.of(0)])).code).toBe('DAMAGED');
    expect(failure(Buffer.concat([SMALL, SMALL])).code).toBe('DAMAGED');
  });

  test('a newer format is told from damage', () => {
    const newer = Buffer.from(SMALL);
    newer.writeUInt32BE(FORMAT_VERSION + 1, 8);
    expect(failure(newer).code).toBe('DAMAGED');
    newer.writeUInt32BE(crc32c(newer, 0, 12), 12);
    expect(failure(newer)).toMatchObject({
      code: 'NEWER_FORMAT',
      message: expect.stringContaining(`format ${FORMAT_VERSION + 1}`),
    });
    expect(failure(newer.subarray(0, PREFIX_BYTES)).code).toBe('NEWER_FORMAT');
  });

  test('a newer state is refused by whoever would restore it', () => {
    const { header } = read(backupOf([], { ...HEADER, stateVersion: STATE_VERSION + 1 }));
    expect(() => checkRestorable(header)).toThrow(`of version ${STATE_VERSION + 1}`);
    expect(() => checkRestorable(HEADER)).not.toThrow();
  });

  test.each([
    ['an empty file', Buffer.alloc(0), /empty/],
    ['a text', Buffer.from('apiVersion: v1\n'), /no backup of AEGIS/],
    ['a few bytes', Buffer.from('AEG!'), /no backup of AEGIS/],
    ['an archive', Buffer.from('504b0304140000000800'.repeat(20), 'hex'), /no backup of AEGIS/],
    ['zeros', Buffer.alloc(4096), /no backup of AEGIS/],
  ])('%s is no backup', (_what, bytes, message) => {
    expect(failure(bytes)).toMatchObject({ code: 'NOT_A_BACKUP', message: expect.stringMatching(message) });
  });

  test('a length that would take all memory is not believed', () => {
    const bytes = Buffer.from(SMALL);
    bytes.writeUInt32BE(0xffff_fff0, PREFIX_BYTES + 1);
    bytes.writeUInt32BE(crc32c(bytes, PREFIX_BYTES, PREFIX_BYTES + 9), PREFIX_BYTES + 9);
    expect(failure(bytes).code).toBe('DAMAGED');
  });
});
