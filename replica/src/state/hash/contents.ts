import { createHash } from 'node:crypto';
import type { StateStorage, StorageWrite } from '../storage/storage.js';

/** What is hashed before the event loop gets its turn: about a millisecond. */
const ROWS_PER_PIECE = 500;
const BYTES_PER_PIECE = 256 * 1024;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Hash over all keys and values of a storage with later writes laid over it, in the order of the keys. Holds for the
 * moment of the call: the storage is pinned before it returns.
 */
export async function hashContents(
  storage: StateStorage,
  later: readonly StorageWrite[],
  pause = nextTurn,
): Promise<string> {
  const rows = storage.iterate({});
  const overlay = new Map(later.map((write) => [keyOf(write.key), write]));
  const pending = [...overlay.values()].sort((a, b) => Buffer.compare(a.key, b.key));
  const digest = createHash('sha256');
  const length = Buffer.alloc(4);
  const add = (bytes: Uint8Array): void => {
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  const addWrite = ({ key, value }: StorageWrite): void => {
    if (value === undefined) return;
    add(key);
    add(value);
  };

  let next = 0;
  let count = 0;
  let bytes = 0;
  for await (const { key, value } of rows) {
    for (; next < pending.length && Buffer.compare(pending[next]!.key, key) < 0; next++)
      addWrite(pending[next]!);
    if (!overlay.has(keyOf(key))) {
      add(key);
      add(value);
    }
    bytes += key.length + value.length;
    if (++count < ROWS_PER_PIECE && bytes < BYTES_PER_PIECE) continue;
    count = bytes = 0;
    await pause();
  }
  for (; next < pending.length; next++) addWrite(pending[next]!);
  return digest.digest('hex');
}

function keyOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
