import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Error as Failure } from '@aegis/proto/v1/error';
import type { KvWatchCreate, KvWatchRequest, KvWatchResponse } from '@aegis/proto/v1/kv';

import type { StateMachine } from '../../../state/index.js';
import type { KvWatcher, WatchSink } from './watcher.js';
import { watchResponse } from './watcher.js';
import type { KvWatchHub } from './watch-hub.js';

const WATCHES_MAX = 10_000;

export type Read = (done: (failed: Failure | undefined) => void) => void;

export function serveKvWatches(...parts: ConstructorParameters<typeof KvWatchStream>): KvWatchStream {
  return new KvWatchStream(...parts);
}

/** One client's stream of the KV service's Watch: any number of watches, created and cancelled as it goes. */
class KvWatchStream implements WatchSink {
  readonly #watches = new Map<number, { readonly watcher: KvWatcher; readonly end: () => void }>();
  #nextId = 1;
  #blocked = false;
  #closed = false;
  /** Requests for progress that wait for watches which are behind. */
  #progressAsked = 0;

  constructor(
    private readonly call: ServerDuplexStream<KvWatchRequest, KvWatchResponse>,
    private readonly hub: KvWatchHub,
    private readonly state: StateMachine,
    private readonly read: Read,
  ) {
    call.on('data', ({ request }: KvWatchRequest) => this.#take(request));
    call.on('drain', () => {
      this.#blocked = false;
      this.call.resume();
      for (const { watcher } of this.#watches.values()) watcher.resume();
      this.#answerProgress();
    });
    call.on('end', () => {
      this.#close();
      call.end();
    });
    call.on('error', () => this.#close());
    call.on('cancelled', () => this.#close());
  }

  get ready(): boolean {
    return !this.#blocked && !this.#closed;
  }

  send(response: KvWatchResponse): void {
    if (this.#closed) return;
    if (response.canceled) this.#watches.delete(response.watchId);
    this.#write(response);
    if (this.#progressAsked > 0) this.#answerProgress();
  }

  #take(request: KvWatchRequest['request']): void {
    switch (request?.$case) {
      case 'create':
        // In the order of the requests: reads join the rounds in which they are asked for.
        this.read((failed) => this.#create(request.value, failed));
        return;
      case 'cancel':
        this.#cancel(request.value.watchId);
        return;
      case 'progress':
        this.#progressAsked++;
        this.#answerProgress();
        return;
      case undefined:
    }
  }

  #create(create: KvWatchCreate, failed: Failure | undefined): void {
    if (this.#closed) return;
    const id = create.watchId === 0 ? this.#freeId() : create.watchId;
    const response = { ...watchResponse(this.state.kv.revision, id), created: true };
    const cancelReason = failed?.message ?? this.#refusal(create.watchId);
    if (cancelReason !== undefined) {
      // Not by `send`: the watch that has this id goes on.
      this.#write({ ...response, canceled: true, cancelReason });
      return;
    }
    const watch = this.hub.watch(id, create, this);
    this.#watches.set(id, watch);
    this.send(response);
    watch.watcher.resume();
  }

  #refusal(id: number): string | undefined {
    if (this.#watches.has(id)) return `watch ${id} exists on this stream already`;
    if (this.#watches.size >= WATCHES_MAX) return `a stream has at most ${WATCHES_MAX} watches`;
    return this.hub.refusal?.message;
  }

  #cancel(id: number): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    watch.end();
    this.send({ ...watchResponse(this.state.kv.revision, id), canceled: true });
  }

  #answerProgress(): void {
    if (!this.ready || this.#progressAsked === 0) return;
    for (const { watcher } of this.#watches.values()) if (watcher.behind) return;
    this.#progressAsked = 0;
    this.#write(watchResponse(this.state.kv.revision, 0));
  }

  /** Who does not read the answers is not read either: each request may make one, however it is answered. */
  #write(response: KvWatchResponse): void {
    this.#blocked = !this.call.write(response);
    if (this.#blocked) this.call.pause();
  }

  #freeId(): number {
    while (this.#watches.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #close(): void {
    this.#closed = true;
    for (const { end } of this.#watches.values()) end();
    this.#watches.clear();
  }
}
