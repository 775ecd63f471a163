import type { KvEvent } from '@aegis/proto/v1/kv';
import type { Lease } from '../lease/lease.js';
import { bytesOf, type Key } from './key.js';
import type { KeyHistory } from './key-history.js';
import type { KvStore } from './store.js';
import { deleteRow, putRow, type ValueRow } from './value-row.js';
import type { Place } from './value-rows.js';

const NO_BYTES = Buffer.alloc(0);

/** One change of one key, for watchers. */
export interface KvChange extends Place {
  readonly key: Key;
  readonly deleted: boolean;
  /** Its row, as stored. */
  readonly row: ValueRow;
  /** Where the key was before, if it existed. */
  readonly previous: Place | undefined;
}

/** Writes the next revision of a key that may or may not exist. */
export function writePut(
  kv: KvStore,
  history: KeyHistory,
  value: Uint8Array,
  lease: Lease | undefined,
): void {
  const previous = history.version > 0 ? { main: history.main, sub: history.sub } : undefined;
  const { main, sub } = kv.nextPlace();
  const created = previous === undefined ? main : history.created;
  const version = history.version + 1;
  const bytes = putRow(history.key, { created, version, lease: lease?.key, value });
  const row = kv.values.put(main, sub, bytes);
  const { size } = row;
  kv.note(history, { main, sub, size, deleted: false, created, version, lease });
  kv.changes.push({ main, sub, key: history.key, deleted: false, row, previous });
}

/** The key must exist. */
export function writeDelete(kv: KvStore, history: KeyHistory): void {
  const previous = { main: history.main, sub: history.sub };
  const { main, sub } = kv.nextPlace();
  const row = kv.values.put(main, sub, deleteRow(history.key));
  const { size } = row;
  kv.note(history, { main, sub, size, deleted: true, created: 0, version: 0, lease: undefined });
  kv.changes.push({ main, sub, key: history.key, deleted: true, row, previous });
}

/** As watchers get it. Without the previous state where that has been compacted, and unless it is asked for. */
export function eventOf(kv: KvStore, change: KvChange, withPrevious: boolean): KvEvent {
  const { main, key, deleted, row, previous } = change;
  const old = withPrevious && previous !== undefined ? kv.values.find([previous])[0] : undefined;
  const gone = {
    key: bytesOf(key),
    createRevision: 0,
    modRevision: main,
    version: 0,
    value: NO_BYTES,
    lease: '0',
  };
  return {
    type: deleted ? 1 : 0,
    kv: deleted ? gone : row.keyValue(main),
    prevKv: old?.keyValue(previous!.main),
  };
}
