import type { StateStorage, StorageRange, StorageRow, StorageWrite } from './storage.js';

/** A value that a write replaced: what a crash puts back. */
interface Undo {
  readonly key: string;
  readonly before: Uint8Array | undefined;
}

/** An ordered store in memory that loses what was not synced when it crashes: for tests and the simulator. */
export class MemoryStorage implements StateStorage {
  /** By key in latin1, whose code units sort as the bytes do. */
  readonly #rows = new Map<string, Uint8Array>();
  /** The writes since the last synced one, oldest first. */
  #unsynced: Undo[][] = [];
  /** The keys of #rows in order; undefined when they have to be sorted again. */
  #order: string[] | undefined = [];

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#rows.get(textOf(key));
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key));
  }

  iterate({ from, to, limit = Infinity, reverse = false }: StorageRange): AsyncIterable<StorageRow> {
    this.#order ??= [...this.#rows.keys()].sort();
    const first = from === undefined ? 0 : firstNotBelow(this.#order, textOf(from));
    const end = to === undefined ? this.#order.length : firstNotBelow(this.#order, textOf(to));
    const keys = this.#order.slice(first, end);
    if (reverse) keys.reverse();
    const rows = keys.slice(0, limit).map((key) => ({ key: bytesOf(key), value: this.#rows.get(key)! }));
    return each(rows);
  }

  async write(writes: readonly StorageWrite[], { sync }: { readonly sync: boolean }): Promise<void> {
    const undo: Undo[] = [];
    for (const { key: bytes, value } of writes) {
      const key = textOf(bytes);
      undo.push({ key, before: this.#rows.get(key) });
      this.#set(key, value === undefined ? undefined : Uint8Array.from(value));
    }
    if (sync) this.#unsynced = [];
    else this.#unsynced.push(undo);
  }

  /** As a power cut would: of the writes since the last synced one only the `surviving` oldest are left. */
  crash(surviving = 0): void {
    for (const undo of this.#unsynced.slice(surviving).reverse()) {
      for (const { key, before } of undo.reverse()) this.#set(key, before);
    }
    this.#unsynced = [];
  }

  /** Of all keys and values. */
  get bytes(): number {
    let bytes = 0;
    for (const [key, value] of this.#rows) bytes += key.length + value.length;
    return bytes;
  }

  /** The oldest `writes` are durable, whatever comes after them. */
  settle(writes: number): void {
    this.#unsynced.splice(0, writes);
  }

  /** How many writes a crash could take. */
  get unsyncedWrites(): number {
    return this.#unsynced.length;
  }

  async close(): Promise<void> {}

  #set(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) {
      if (this.#rows.delete(key)) this.#order = undefined;
      return;
    }
    if (!this.#rows.has(key)) this.#order = undefined;
    this.#rows.set(key, value);
  }
}

async function* each(rows: readonly StorageRow[]): AsyncIterable<StorageRow> {
  yield* rows;
}

function firstNotBelow(order: readonly string[], key: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
