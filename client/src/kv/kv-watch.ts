import type { KvWatchResponse } from '@aegis/proto/v1/kv';
import type { Connection } from '../connection/connection.js';
import type { StreamEvent } from '../connection/event-listeners.js';
import { CompactedError } from '../errors/index.js';
import { Mailbox } from '../watch/mailbox.js';
import { Standing } from '../watch/standing.js';
import { checkRevision } from './bytes.js';
import { rangeOf, type KeyRange, type Selection } from './selection.js';
import { batchesOf, watchRequest, type WatchBatch, type WatchOptions } from './watch-options.js';

/** What may wait for a slow reader, in bytes, besides the batch that goes past it: then the replica is told to stop. */
const WAITING_MAX = 4 * 1024 * 1024;
/** Of an event, or a batch without any, besides its keys and values. */
const EVENT_BYTES = 1_024;

/**
 * A watch of keys that outlives streams. It knows the next revision that it wants and asks for it on every stream, so
 * that nothing is missing and nothing comes twice. Its stream is shared with others and cannot be held back for one slow
 * reader: the watch is given up when too much waits, and asked for again when all of that has been read.
 *
 * Must hold: whatever is before `nextRevision` has been put into the mailbox, and nothing else has.
 */
export class KvWatch implements AsyncIterableIterator<WatchBatch> {
  private begun = false;
  private over = false;
  private resting = false;
  private nextRevision: number;
  /** Bytes in the mailbox. */
  private waiting = 0;
  private readonly range: KeyRange;
  private readonly mailbox = new Mailbox<WatchBatch>();
  private readonly standing: Standing;

  /** @param newestRevision of the store, for a watch from now on */
  constructor(
    connection: Connection,
    private readonly options: Selection & WatchOptions,
    private readonly newestRevision: () => Promise<number>,
  ) {
    this.range = rangeOf(options);
    this.nextRevision = checkRevision('fromRevision', options.fromRevision);
    this.standing = new Standing(connection, {
      request: () => ({
        $case: 'kvWatch',
        value: watchRequest(this.range, this.options, this.nextRevision),
      }),
      onEvent: (event) => this.onEvent(event),
      onFailed: (error) => this.end(error),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<WatchBatch>> {
    if (!this.begun) this.begin();
    const { first } = this.mailbox;
    if (first !== undefined) this.waiting -= bytesOf(first);
    const taken = this.mailbox.take();
    if (this.resting && this.mailbox.size === 0) this.wake();
    return taken;
  }

  return(): Promise<IteratorResult<WatchBatch>> {
    this.end();
    this.mailbox.clear();
    return Promise.resolve({ done: true, value: undefined });
  }

  private begin(): void {
    this.begun = true;
    const { signal } = this.options;
    if (signal?.aborted === true) return this.end();
    signal?.addEventListener('abort', this.onAbort, { once: true });
    if (this.nextRevision > 0) return this.standing.begin();
    // Which revision "now" is has to be known before anything is watched: the first stream may not live to tell.
    this.newestRevision().then(
      (revision) => {
        if (this.over) return;
        this.nextRevision = revision + 1;
        this.standing.begin();
      },
      (error: unknown) => this.end(error),
    );
  }

  private onEvent(event: StreamEvent): void {
    if (event.$case !== 'kv' || event.value.response === undefined || this.over) return;
    const { response } = event.value;
    for (const batch of batchesOf(response.events, this.nextRevision)) {
      this.nextRevision = batch.revision + 1;
      this.put(batch);
      if (this.waiting <= WAITING_MAX) continue;
      this.resting = true;
      return this.standing.rest();
    }
    if (response.canceled) this.onCanceled(response);
    else if (response.events.length === 0 && !response.created) this.onProgress(response.revision);
  }

  private onProgress(revision: number): void {
    if (revision < this.nextRevision) return;
    this.nextRevision = revision + 1;
    if (this.options.progress === true) this.put({ revision, events: [] });
  }

  /** By the replica: what it wants is compacted, or something that passes. */
  private onCanceled({ compactRevision, cancelReason }: KvWatchResponse): void {
    if (compactRevision === 0) return this.standing.againSoon();
    const reason = cancelReason === '' ? '' : ` (${cancelReason})`;
    const message = `the watch wants revision ${this.nextRevision}, but history begins at ${compactRevision}${reason}`;
    this.end(
      new CompactedError('COMPACTED', message, {
        retryable: false,
        definite: true,
        compactedRevision: compactRevision,
      }),
    );
  }

  private put(batch: WatchBatch): void {
    this.mailbox.put(batch);
    // Unless a reader was waiting for it.
    if (this.mailbox.size > 0) this.waiting += bytesOf(batch);
  }

  /** All that waited has been read. */
  private wake(): void {
    this.resting = false;
    this.standing.again();
  }

  private readonly onAbort = (): void => this.end();

  private end(failure?: unknown): void {
    if (this.over) return;
    this.over = true;
    this.begun = true;
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.standing.end();
    this.mailbox.close(failure);
  }
}

function bytesOf({ events }: WatchBatch): number {
  let bytes = EVENT_BYTES;
  for (const { kv, prevKv } of events) {
    bytes += EVENT_BYTES + kv.key.length + kv.value.length + (prevKv?.value.length ?? 0);
  }
  return bytes;
}
