import { type KvEvent, type KvWatchCreate, KvWatchFilter, type KvWatchResponse } from '@aegis/proto/v1/kv';

import { holds, type KeyRange, keyRangeOf, type KvChange, type StateMachine } from '../../../state/index.js';

/** Rows of the history that a watcher which is behind looks at in one turn. */
const ROWS_PER_TURN = 1000;

/** Where the responses of a watch go. */
export interface WatchSink {
  /** False while the client does not take what was sent: its watchers fall behind then, and keep nothing. */
  readonly ready: boolean;
  send(response: KvWatchResponse): void;
}

/** Runs something in a later turn. */
export type Later = (run: () => void) => void;

/**
 * One watch. Near the newest revision it is handed every change as it is applied; when its client does not keep up, it
 * only remembers where it stopped and reads on from the history, so that it costs neither memory nor the others' time.
 *
 * Invariant: while it is behind, it has sent all changes of its range in [start, next), each once, in order.
 */
export class KvWatcher {
  readonly range: KeyRange;
  readonly progressNotify: boolean;
  readonly #prevKv: boolean;
  readonly #noPut: boolean;
  readonly #noDelete: boolean;
  /** The first revision that it has not sent; while it is not behind, the first that it wants at all. */
  #next: number;
  #behind: boolean;
  #closed = false;
  #scheduled = false;

  constructor(
    readonly id: number,
    create: KvWatchCreate,
    private readonly state: StateMachine,
    private readonly sink: WatchSink,
    private readonly later: Later,
    private readonly ended: (watcher: KvWatcher) => void,
  ) {
    const { key, rangeEnd, startRevision, filters } = create;
    this.range = keyRangeOf(key.length === 0 ? Uint8Array.of(0) : key, rangeEnd);
    this.progressNotify = create.progressNotify;
    this.#prevKv = create.prevKv;
    this.#noPut = filters.includes(KvWatchFilter.NO_PUT);
    this.#noDelete = filters.includes(KvWatchFilter.NO_DELETE);
    this.#next = startRevision === 0 ? state.kv.revision + 1 : startRevision;
    this.#behind = this.#next <= state.kv.revision;
  }

  get behind(): boolean {
    return this.#behind;
  }

  close(): void {
    this.#closed = true;
  }

  wants({ main, deleted }: KvChange): boolean {
    return main >= this.#next && !(deleted ? this.#noDelete : this.#noPut);
  }

  /** All changes of one revision that it wants. */
  take(changes: readonly KvChange[], eventOf: (change: KvChange, withPrevious: boolean) => KvEvent): void {
    if (this.#behind || this.#closed) return;
    const { main } = changes[0]!;
    if (!this.sink.ready) {
      this.#next = main;
      this.#behind = true;
      return;
    }
    this.#send({ events: changes.map((change) => eventOf(change, this.#prevKv)) });
  }

  /** What follows `next` - 1 will not be handed to it, up to the newest revision that there is. */
  fallBehind(next: number): void {
    if (!this.#behind) this.#next = Math.max(this.#next, next);
    this.#behind = this.#next <= this.state.kv.revision;
    this.resume();
  }

  /** Reads on from the history, a page a turn, as long as the client takes it. */
  resume(): void {
    if (!this.#behind || this.#closed || this.#scheduled || !this.sink.ready) return;
    const page = this.state.kvChangesSince(this.#next, this.range, ROWS_PER_TURN);
    if ('compactedRevision' in page) {
      const { compactedRevision } = page;
      this.#closed = true;
      this.ended(this);
      const cancelReason = `what follows revision ${this.#next} is compacted; history begins at ${compactedRevision}`;
      this.#send({ canceled: true, compactRevision: compactedRevision, cancelReason });
      return;
    }
    this.#next = page.next;
    this.#behind = page.next <= this.state.kv.revision;
    const wanted = page.changes.filter(({ deleted }) => !(deleted ? this.#noDelete : this.#noPut));
    if (wanted.length > 0) {
      this.#send({ events: wanted.map((change) => this.state.kvEvent(change, this.#prevKv)) });
    }
    if (!this.#behind) return;
    this.#scheduled = true;
    this.later(() => {
      this.#scheduled = false;
      this.resume();
    });
  }

  /** Says how far it has come, if it has come as far as the store. */
  progress(): void {
    if (!this.#behind && !this.#closed && this.sink.ready) this.#send({});
  }

  matches(change: KvChange): boolean {
    return holds(this.range, change.key) && this.wants(change);
  }

  #send(response: Partial<KvWatchResponse>): void {
    this.sink.send({ ...watchResponse(this.state.kv.revision, this.id), ...response });
  }
}

export function watchResponse(revision: number, watchId: number): KvWatchResponse {
  return {
    revision,
    watchId,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    events: [],
  };
}
