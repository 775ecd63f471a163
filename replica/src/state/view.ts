import type { StorageRow } from './storage/storage.js';

/** The whole state as it was at one index, whatever is applied while it is read: what a snapshot sends. */
export interface StateView {
  /** Of the state machine that it takes to read it. */
  readonly version: number;
  readonly index: number;
  readonly term: number;
  /** Every row in the order of the keys, meta and membership among them. To be read to the end or left: that frees it. */
  readonly rows: AsyncIterable<StorageRow>;
}

/** Rows of a storage, pinned already, into which a write goes that has to be in before the first is believed. */
export async function* rowsAfter(
  write: Promise<void>,
  rows: AsyncIterable<StorageRow>,
): AsyncGenerator<StorageRow, void, undefined> {
  let failed = true;
  try {
    await write;
    failed = false;
    yield* rows;
  } finally {
    // An iteration that never began would never be freed.
    if (failed) for await (const _ of rows) break;
  }
}
