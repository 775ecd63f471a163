import { describe, expect, test } from '@jest/globals';

import { BackupParser } from '../../backup/index.js';
import { ManualEnvironment } from '../../sim/manual-environment.js';
import type { StateView, StorageRow } from '../../state/index.js';
import { type BackupEnding, OutgoingBackup } from './outgoing-backup.js';
import { BackupHeader } from '@aegis/proto/v1/backup';

const ROW_BYTES = 108;
const HEADER = BackupHeader.fromPartial({ clusterId: 'c', index: 10 });

/** A backup of rows of 108 bytes, one a chunk, to a client that says itself when it has read a piece. */
function sending(rows: number, bytesPerSecond = 1e9, broken = false) {
  const environment = new ManualEnvironment();
  const reading = { rows: 0, freed: false };
  const pieces: { bytes: Buffer; header: unknown; sent: () => void }[] = [];
  const ended: BackupEnding[] = [];
  async function* all(): AsyncGenerator<StorageRow, void, undefined> {
    try {
      for (let at = 0; at < rows; at++) {
        reading.rows++;
        yield { key: new Uint8Array(50).fill(at), value: new Uint8Array(50) };
        if (broken) throw new Error('a bad disk');
      }
    } finally {
      reading.freed = true;
    }
  }
  const view: StateView = { version: 1, index: 10, term: 1, rows: all() };
  const sink = {
    write: (bytes: Buffer, header: unknown, sent: () => void) => void pieces.push({ bytes, header, sent }),
  };
  const outgoing = new OutgoingBackup(
    HEADER,
    view,
    sink,
    { environment, bytesPerSecond, chunkBytes: 1 },
    (ending) => ended.push(ending),
  );
  const settle = () =>
    new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  /** The client reads so many pieces. */
  const read = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      pieces[readSoFar++]!.sent();
      await settle();
    }
  };
  let readSoFar = 0;
  return { outgoing, environment, reading, pieces, ended, settle, read };
}

describe('a backup on its way out', () => {
  test('waits for its client: what is read ahead is bounded', async () => {
    const w = sending(50);
    await w.settle();
    expect(w.pieces).toHaveLength(2);
    expect(w.reading.rows).toBeLessThanOrEqual(9);
    w.environment.advance(30_000);
    await w.settle();
    expect(w.pieces).toHaveLength(2);
    await w.read(10);
    expect(w.pieces).toHaveLength(12);
    expect(w.reading.rows).toBeLessThanOrEqual(19);
    expect(w.ended).toEqual([]);
  });

  test('is whole when its client has read it, and says so once', async () => {
    const w = sending(20);
    await w.settle();
    await w.read(22);
    expect(w.ended).toEqual([{ ok: true }]);
    const parser = new BackupParser();
    for (const { bytes } of w.pieces) parser.push(bytes);
    expect(parser.finish()).toMatchObject({ chunks: 20, header: { index: 10 } });
    expect(w.pieces.filter(({ header }) => header !== undefined)).toHaveLength(1);
    expect(w.pieces[0]!.header).toBe(HEADER);
    expect(w.reading.freed).toBe(true);
    expect(w.outgoing.bytes).toBe(w.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  });

  test('keeps to its rate', async () => {
    const w = sending(100, 10 * ROW_BYTES);
    await w.settle();
    for (let at = 0; at < 50; at++) {
      w.environment.advance(10);
      for (const { sent } of w.pieces.splice(0)) sent();
      await w.settle();
    }
    // Ten rows a second, for half a second, and a burst of 100 ms.
    expect(w.reading.rows).toBeLessThan(16);
  });

  test('a client that reads nothing is given up, and the view freed', async () => {
    const w = sending(50);
    await w.settle();
    w.environment.advance(59_000);
    expect(w.ended).toEqual([]);
    w.environment.advance(2000);
    await w.settle();
    expect(w.ended).toEqual([{ ok: false, reason: 'the client read nothing for 60 s' }]);
    expect(w.reading.freed).toBe(true);
    await w.read(2);
    expect(w.pieces).toHaveLength(2);
  });

  test('no client keeps a view for ever by reading slowly', async () => {
    const w = sending(200);
    await w.settle();
    for (let at = 0; at < 100; at++) {
      w.environment.advance(40_000);
      if (w.ended.length === 0) await w.read(1);
    }
    expect(w.ended).toEqual([{ ok: false, reason: 'it took longer than 60 minutes' }]);
  });

  test('says why it could not be read', async () => {
    const w = sending(5, 1e9, true);
    await w.settle();
    expect(w.ended).toEqual([{ ok: false, reason: expect.stringContaining('a bad disk') }]);
  });

  test('a large row goes in messages that clients take', async () => {
    const environment = new ManualEnvironment();
    const sizes: number[] = [];
    async function* one(): AsyncGenerator<StorageRow, void, undefined> {
      yield { key: new Uint8Array(1), value: new Uint8Array(5 * 1024 * 1024) };
    }
    const done = new Promise<BackupEnding>((resolve) => {
      void new OutgoingBackup(
        HEADER,
        { version: 1, index: 10, term: 1, rows: one() },
        {
          write: (bytes, _header, sent) => {
            sizes.push(bytes.length);
            setImmediate(sent);
          },
        },
        { environment, bytesPerSecond: 1e12, chunkBytes: 1 },
        resolve,
      );
    });
    expect(await done).toEqual({ ok: true });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
  });
});
