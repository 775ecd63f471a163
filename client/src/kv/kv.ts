import type {
  KeyValue,
  KvDeleteRangeResponse,
  KvPutResponse,
  KvRangeRequest,
  KvRangeResponse,
} from '@aegis/proto/v1/kv';
import { ask, resultOf } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import { checkWhole } from '../lock/options.js';
import type { Bytes } from './bytes.js';
import { KvWatch } from './kv-watch.js';
import { pages } from './pages.js';
import {
  deleteRequest,
  putRequest,
  rangeRequest,
  type DeleteOptions,
  type PageOptions,
  type PutOptions,
  type RangeOptions,
  type ReadOptions,
} from './requests.js';
import type { Selection } from './selection.js';
import { Txn } from './txn.js';
import type { WatchOptions } from './watch-options.js';
import type { SendWrite } from './writes.js';

/**
 * Versioned keys. Every change has a revision, one counter for the whole store, and the store can be read and watched as
 * of any revision that is not compacted. Keys and values are text (UTF-8) or bytes; answers have Buffers.
 *
 * Reads are linearizable unless `stale`, and are repeated until they are answered. Writes of `client.kv` are sent again
 * only when they certainly had no effect: after an error whose `definite` is false it is for the caller to look. Those of
 * `session.kv` are repeated until they are answered, and take effect at most once.
 *
 * All fail with UnavailableError or RequestTimeoutError without an answer in time, and with InvalidRequestError for a bad
 * argument; writes with NoSpaceError or QuotaExceededError when there is no room, those of a session also with
 * SessionExpiredError.
 */
export class Kv {
  constructor(
    private readonly connection: Connection,
    private readonly write: SendWrite,
    private readonly timeoutMs: number,
  ) {}

  /** A key; undefined: there is none. Fails with CompactedError or FutureRevisionError for such a revision. */
  async get(key: Bytes, options: ReadOptions = {}): Promise<KeyValue | undefined> {
    const { kvs } = await this.read(rangeRequest({ key }, options));
    return kvs[0];
  }

  /**
   * Keys in their order, all as of one revision, page by page as the loop goes on; fails like `get`.
   * @example for await (const { key, value } of client.kv.range({ from: 'a', to: 'b' })) …
   */
  range(selection: Selection, options: RangeOptions = {}): AsyncIterableIterator<KeyValue> {
    return pages(rangeRequest(selection, options), (request) => this.read(request));
  }

  /** The keys that begin with `prefix`; '' is all. See `range`. */
  prefix(prefix: Bytes, options: RangeOptions = {}): AsyncIterableIterator<KeyValue> {
    return this.range({ prefix }, options);
  }

  /**
   * A single read, with the revision of the store and the number of keys in the selection. Fails like `get`, and with
   * InvalidRequestError (code RANGE_TOO_LARGE) above 4 MiB: give a limit, or use `range`.
   */
  async page(selection: Selection, options: PageOptions = {}): Promise<KvRangeResponse> {
    return this.read(rangeRequest(selection, options));
  }

  /**
   * Sets a key. Fails with LeaseNotFoundError, or with KeyNotFoundError where there is nothing to keep.
   * @returns the revision of the change; `prevKv` if it was asked for and there was one
   */
  async put(key: Bytes, value: Bytes, options: PutOptions = {}): Promise<KvPutResponse> {
    const request = { $case: 'kvPut' as const, value: putRequest(key, value, options) };
    return resultOf(await this.write(request), 'kvPut');
  }

  /** @returns the revision of the change, or of the store when there was no such key; `deleted`: 0 or 1 */
  delete(key: Bytes, options: DeleteOptions = {}): Promise<KvDeleteRangeResponse> {
    return this.deleteRange({ key }, options);
  }

  /** Deletes every key that begins with `prefix`, in one revision; '' is all. */
  deletePrefix(prefix: Bytes, options: DeleteOptions = {}): Promise<KvDeleteRangeResponse> {
    return this.deleteRange({ prefix }, options);
  }

  async deleteRange(selection: Selection, options: DeleteOptions = {}): Promise<KvDeleteRangeResponse> {
    const request = { $case: 'kvDeleteRange' as const, value: deleteRequest(selection, options) };
    return resultOf(await this.write(request), 'kvDeleteRange');
  }

  /**
   * A transaction, sent by its `commit()`.
   * @example kv.txn().if(compare.missing('a')).do(op.put('a', '1')).else(op.get('a')).commit()
   */
  txn(): Txn {
    return new Txn(async (value) => resultOf(await this.write({ $case: 'kvTxn', value }), 'kvTxn'));
  }

  /**
   * Gives up the history before a revision. Fails with CompactedError when that was done before, and with
   * FutureRevisionError.
   */
  async compact(revision: number): Promise<void> {
    checkWhole('revision', revision, 1, Number.MAX_SAFE_INTEGER);
    await this.write({ $case: 'kvCompact', value: { revision, physical: false } });
  }

  /**
   * The changes of the selected keys in order, each once, all of one revision together; see `WatchOptions`. Goes on after
   * reconnects without a gap. Nothing is lost to a slow reader either: it is served from where it is.
   * Begins with the first `next()`; ends when the loop is left. Fails with CompactedError when what it wants next is
   * compacted.
   */
  watch(options: Selection & WatchOptions): KvWatch {
    return new KvWatch(this.connection, options, () => this.newestRevision());
  }

  /** Of the store, at a moment between the call and its answer. */
  private async newestRevision(): Promise<number> {
    const { revision } = await this.read(rangeRequest({ key: '\0' }, { countOnly: true }));
    return revision;
  }

  private async read(value: KvRangeRequest): Promise<KvRangeResponse> {
    const result = await ask(this.connection, { $case: 'kvRange', value }, 'always', this.timeoutMs);
    return resultOf(result, 'kvRange');
  }
}
