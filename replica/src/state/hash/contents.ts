import { createHash } from 'node:crypto';
import type { StateStorage, StorageWrite } from '../storage/storage.js';

/** What is hashed before the event loop gets its turn: less than a millisecond. */
const ROWS_PER_PIECE = 200;
const BYTES_PER_PIECE = 128 * 1024;
/** Gathered for one call of the digest. */
const STAGE_BYTES = 64 * 1024;

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
  const pending = lastOfEach(later);
  const digest = new StagedDigest();
  const addWrite = ({ key, value }: StorageWrite): void => {
    if (value !== undefined) digest.add(key, value);
  };

  let next = 0;
  let count = 0;
  let bytes = 0;
  for await (const { key, value } of rows) {
    let order = -1;
    while (next < pending.length && (order = Buffer.compare(pending[next]!.key, key)) < 0)
      addWrite(pending[next++]!);
    if (next < pending.length && order === 0) addWrite(pending[next++]!);
    else digest.add(key, value);
    bytes += key.length + value.length;
    if (++count < ROWS_PER_PIECE && bytes < BYTES_PER_PIECE) continue;
    count = bytes = 0;
    await pause();
  }
  while (next < pending.length) addWrite(pending[next++]!);
  return digest.hex();
}

/** The last write of each key, in the order of the keys. */
function lastOfEach(later: readonly StorageWrite[]): StorageWrite[] {
  const last = new Map(later.map((write) => [textOf(write.key), write]));
  return [...last.values()].sort((a, b) => Buffer.compare(a.key, b.key));
}

/** SHA-256 over keys and values, each after its length (4 bytes, big-endian). */
class StagedDigest {
  readonly #digest = createHash('sha256');
  readonly #stage = Buffer.allocUnsafe(STAGE_BYTES);
  #staged = 0;

  add(key: Uint8Array, value: Uint8Array): void {
    this.#bytes(key);
    this.#bytes(value);
  }

  hex(): string {
    this.#flush();
    return this.#digest.digest('hex');
  }

  #bytes(bytes: Uint8Array): void {
    if (this.#staged + 4 + bytes.length > STAGE_BYTES) this.#flush();
    this.#staged = this.#stage.writeUInt32BE(bytes.length, this.#staged);
    if (this.#staged + bytes.length > STAGE_BYTES) {
      this.#flush();
      this.#digest.update(bytes);
      return;
    }
    this.#stage.set(bytes, this.#staged);
    this.#staged += bytes.length;
  }

  #flush(): void {
    this.#digest.update(this.#stage.subarray(0, this.#staged));
    this.#staged = 0;
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
