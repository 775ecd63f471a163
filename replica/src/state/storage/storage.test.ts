import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStorage } from './memory.js';
import { RocksStorage } from './rocksdb.js';
import type { StateStorage, StorageRange, StorageWrite } from './storage.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function openRocks(): Promise<RocksStorage> {
  const folder = await mkdtemp(join(tmpdir(), 'aegis-storage-'));
  const storage = await RocksStorage.open(join(folder, 'db'));
  cleanups.push(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });
  return storage;
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('latin1');
const bytes = (latin1: string): Uint8Array => Uint8Array.from(Buffer.from(latin1, 'latin1'));

async function rowsOf(storage: StateStorage, range: StorageRange): Promise<[string, string][]> {
  const rows: [string, string][] = [];
  for await (const { key, value } of storage.iterate(range)) rows.push([text(key)!, text(value)!]);
  return rows;
}

describe.each([
  ['memory', async (): Promise<StateStorage> => new MemoryStorage()],
  ['RocksDB', openRocks],
])('storage in %s', (_name, open) => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 3 });
  const write = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 5 }), { nil: undefined }) });
  const batch = fc.record({ writes: fc.array(write, { maxLength: 6 }), sync: fc.boolean() });
  const range = fc.record(
    { from: key, to: key, limit: fc.integer({ min: 0, max: 5 }), reverse: fc.boolean() },
    { requiredKeys: [] },
  );

  test('reads what was written last, in the order of unsigned bytes', async () => {
    const storage = await open();
    const model = new Map<string, string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { maxLength: 5 }),
        range,
        async (batches, { from, to, limit, reverse }) => {
          for (const { writes, sync } of batches) {
            await storage.write(writes, { sync });
            for (const { key, value } of writes) {
              if (value === undefined) model.delete(text(key)!);
              else model.set(text(key)!, text(value)!);
            }
          }
          const asked = batches.flatMap(({ writes }) => writes.map(({ key }) => key));
          expect(storage.getMany(asked).map(text)).toEqual(asked.map((key) => model.get(text(key)!)));
          for (const key of asked) expect(text(storage.get(key))).toBe(model.get(text(key)!));

          const inRange = [...model.keys()]
            .filter(
              (key) => (from === undefined || key >= text(from)!) && (to === undefined || key < text(to)!),
            )
            .sort();
          if (reverse === true) inRange.reverse();
          const expected = inRange.slice(0, limit ?? Infinity).map((key) => [key, model.get(key)!]);
          expect(await rowsOf(storage, { from, to, limit, reverse } as StorageRange)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('an iteration shows the moment of its call', async () => {
    const storage = await open();
    const put = (key: string, value: string): StorageWrite => ({ key: bytes(key), value: bytes(value) });
    await storage.write([put('a', '1'), put('b', '1'), put('c', '1')], { sync: false });
    const before = storage.iterate({});
    await storage.write([put('a', '2'), { key: bytes('b'), value: undefined }, put('d', '2')], {
      sync: false,
    });
    const seen: string[] = [];
    for await (const { key, value } of before) seen.push(`${text(key)}${text(value)}`);
    expect(seen).toEqual(['a1', 'b1', 'c1']);
    expect(await rowsOf(storage, {})).toEqual([
      ['a', '2'],
      ['c', '1'],
      ['d', '2'],
    ]);
  });

  test('a write is seen as soon as the call has returned, before its promise resolves', async () => {
    const storage = await open();
    const written = storage.write([{ key: bytes('k'), value: bytes('v') }], { sync: true });
    expect(text(storage.get(bytes('k')))).toBe('v');
    await written;
  });

  test('of several writes of one key in a batch the last counts', async () => {
    const storage = await open();
    const key = bytes('k');
    await storage.write(
      [
        { key, value: bytes('1') },
        { key, value: undefined },
        { key, value: bytes('3') },
      ],
      { sync: true },
    );
    expect(text(storage.get(key))).toBe('3');
    await storage.write(
      [
        { key, value: bytes('4') },
        { key, value: undefined },
      ],
      { sync: true },
    );
    expect(storage.get(key)).toBeUndefined();
  });
});

test('memory: a crash takes back exactly the newest unsynced writes', async () => {
  const batches = fc.array(
    fc.record({
      writes: fc.array(
        fc.record({
          key: fc.uint8Array({ minLength: 1, maxLength: 1, max: 4 }),
          value: fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined }),
        }),
      ),
      sync: fc.boolean(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(5), async (batches, surviving) => {
      const storage = new MemoryStorage();
      for (const { writes, sync } of batches) await storage.write(writes, { sync });
      const synced = batches.findLastIndex(({ sync }) => sync) + 1;
      storage.crash(surviving);
      const expected = new MemoryStorage();
      for (const { writes } of batches.slice(0, synced + surviving))
        await expected.write(writes, { sync: true });
      expect(await rowsOf(storage, {})).toEqual(await rowsOf(expected, {}));
    }),
  );
});

test('RocksDB: what was written is there after the folder is opened again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aegis-storage-'));
  const first = await RocksStorage.open(folder);
  await first.write([{ key: bytes('k'), value: bytes('v') }], { sync: false });
  await first.close();
  const second = await RocksStorage.open(folder);
  expect(text(second.get(bytes('k')))).toBe('v');
  await second.close();
  await rm(folder, { recursive: true });
});

test('RocksDB: closing ends iterations, wherever they are, and the folder is free at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aegis-storage-'));
  const storage = await RocksStorage.open(folder);
  const rows = Array.from({ length: 5000 }, (_, at) => ({ key: bytes(`k${at}`), value: bytes('v') }));
  await storage.write(rows, { sync: false });
  const untouched = storage.iterate({});
  const begun = storage.iterate({})[Symbol.asyncIterator]();
  await begun.next();
  const reading = storage.iterate({})[Symbol.asyncIterator]();
  const first = reading.next();
  await storage.close();
  expect((await first).done).toBe(false);
  const toItsEnd = async (iterator: AsyncIterator<unknown>): Promise<void> => {
    while ((await iterator.next()).done !== true);
  };
  await expect(toItsEnd(begun)).rejects.toThrow('the storage is closed');
  await expect(toItsEnd(reading)).rejects.toThrow('the storage is closed');
  await expect(toItsEnd(untouched[Symbol.asyncIterator]())).rejects.toThrow('the storage is closed');
  const again = await RocksStorage.open(folder);
  expect(await rowsOf(again, {})).toHaveLength(5000);
  await again.close();
  await rm(folder, { recursive: true });
});
