import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type { Error as Failure } from '@aegis/proto/v1/error';
import type { KvWatchCreate, KvWatchResponse } from '@aegis/proto/v1/kv';
import type { Event, Operation, SessionRequest, SessionResponse, Welcome } from '@aegis/proto/v1/session';

import { errorOf } from '../../errors/index.js';
import type { Claims } from './claims.js';
import { LIMITS } from './limits.js';
import { type AnswerResult, type Operations, queuedClaim } from './operations.js';
import { Outbox, type Unsent } from './outbox.js';
import { answerBytes, promisedBytes } from './sizes.js';
import { endCall, statusError } from './status.js';
import type { KvWatchHub } from './kv/watch-hub.js';
import type { KvWatcher } from './kv/watcher.js';
import { watchResponseBytes } from './kv/sizes.js';
import type { Watches } from './watches.js';

export interface SessionServices {
  readonly operations: Operations;
  readonly claims: Claims;
  readonly watches: Watches;
  readonly kvWatches: KvWatchHub;
  /** Of all streams of the replica. */
  readonly unsent: Unsent;
  /** Runs `done` once this replica's state is as new as anything acknowledged so far. */
  read(done: (failed: Failure | undefined) => void): void;
  welcome(): Welcome;
  /** Asks for `flush` at the end of this turn. */
  dirty(stream: SessionStream): void;
  closed(stream: SessionStream): void;
}

/**
 * Unanswered and unsent things of one stream, in number and in bytes. Above these no further operation is begun, and
 * the stream is not read; far above them, which only events can come to, it is ended.
 */
const HELD_MAX = 10_000;
const HELD_FAR_MAX = 50_000;
const HELD_BYTES_MAX = 8 * 1024 * 1024;
const HELD_BYTES_FAR_MAX = 64 * 1024 * 1024;
/** Many clients that do not read: above this many bytes for all of them each may hold less. */
const UNSENT_MAX = 256 * 1024 * 1024;
const CROWDED_BYTES_MAX = 64 * 1024;
const CROWDED_BYTES_FAR_MAX = 16 * 1024 * 1024;
const WATCHES_MAX = 10_000;
/** What an event counts for beside the value or the description that it carries. */
const EVENT_BYTES = 128;

/** One client's stream: many operations in flight, one frame a turn in either direction. */
export class SessionStream {
  readonly #call: ServerDuplexStream<SessionRequest, SessionResponse>;
  readonly #services: SessionServices;
  readonly #watches = new Map<number, () => void>();
  readonly #claims = new Map<number, () => void>();
  /** Those of #watches that read on by themselves once the client reads again. */
  readonly #keyWatchers = new Map<number, KvWatcher>();
  readonly #outbox: Outbox;
  /** Read, and not begun for lack of room; `#next` is the first of them. */
  #inbox: Operation[] = [];
  #next = 0;
  #unanswered = 0;
  /** What the unanswered may yet take. */
  #promisedBytes = 0;
  #blocked = false;
  #paused = false;
  #closed = false;

  constructor(call: ServerDuplexStream<SessionRequest, SessionResponse>, services: SessionServices) {
    this.#call = call;
    this.#services = services;
    this.#outbox = new Outbox(services.unsent);
    call.on('data', (frame: SessionRequest) => this.#take(frame));
    call.on('drain', () => {
      this.#blocked = false;
      services.dirty(this);
    });
    call.on('end', () => {
      this.#close();
      call.end();
    });
    call.on('error', () => this.#close());
    call.on('cancelled', () => this.#close());
    this.welcome();
  }

  /** Tells the client who leads. */
  welcome(): void {
    this.#outbox.welcome(this.#services.welcome());
    this.#services.dirty(this);
  }

  /** Sends what has gathered, as one frame where it fits, unless the client does not take any. */
  flush(): void {
    while (!this.#closed && !this.#blocked) {
      const frame = this.#outbox.take();
      if (frame === undefined) break;
      this.#blocked = !this.#call.write(frame);
    }
    if (this.#closed) return;
    this.#proceed();
    if (!this.#blocked) for (const watcher of this.#keyWatchers.values()) watcher.resume();
  }

  /** Ends the stream with a reason that the client can act on. */
  end(code: status, message: string): void {
    if (this.#closed) return;
    this.flush();
    this.#close();
    endCall(
      this.#call,
      Object.assign(new Error(message), { code, details: message, metadata: new Metadata() }),
    );
  }

  get #held(): number {
    return this.#unanswered + this.#outbox.count;
  }

  get #full(): boolean {
    return this.#held > HELD_MAX || this.#outbox.bytes + this.#promisedBytes > this.#bytesMax;
  }

  get #crowded(): boolean {
    return this.#services.unsent.bytes > UNSENT_MAX;
  }

  get #bytesMax(): number {
    return this.#crowded ? CROWDED_BYTES_MAX : HELD_BYTES_MAX;
  }

  #take(frame: SessionRequest): void {
    if (this.#closed) return;
    if (frame.operations.length > LIMITS.frameOperations) {
      const size = `${frame.operations.length} operations`;
      const wrong = errorOf('TOO_LARGE', { what: 'a frame', size, limit: LIMITS.frameOperations });
      this.#close();
      endCall(this.#call, statusError(wrong));
      return;
    }
    if (this.#inbox.length === 0) this.#inbox = frame.operations;
    else for (const operation of frame.operations) this.#inbox.push(operation);
    this.#proceed();
  }

  /** Begins what was read, as far as there is room for the answers. */
  #proceed(): void {
    while (this.#next < this.#inbox.length && !this.#full) this.#begin(this.#inbox[this.#next++]!);
    const done = this.#next === this.#inbox.length;
    if (done) {
      this.#inbox = [];
      this.#next = 0;
    }
    if (done === !this.#paused) return;
    this.#paused = !done;
    if (this.#paused) this.#call.pause();
    else this.#call.resume();
  }

  #begin(operation: Operation): void {
    const { id, request, call } = operation;
    const promised = promisedBytes(request);
    this.#unanswered++;
    this.#promisedBytes += promised;
    switch (request?.$case) {
      case 'lockWatch':
        this.#watch(id, promised, request, () =>
          this.#services.watches.watchLock(request.value.name, (event) =>
            this.#event({ event: { $case: 'lock', value: { watch: id, event } } }),
          ),
        );
        return;
      case 'observe':
        this.#watch(id, promised, request, () =>
          this.#services.watches.observe(request.value.election, (leader) =>
            this.#event({ event: { $case: 'leader', value: { watch: id, leader } } }),
          ),
        );
        return;
      case 'kvWatch':
        this.#watch(id, promised, request, () => this.#watchKeys(id, request.value));
        return;
      case 'unwatch':
        this.#watches.get(request.value.watch)?.();
        this.#watches.delete(request.value.watch);
        this.#answer(id, promised, { $case: 'unwatch', value: {} });
        return;
      default:
        this.#services.operations.execute(request, call, (answer) => {
          this.#answer(id, promised, answer);
          const queued = queuedClaim(request, answer);
          if (queued !== undefined && !this.#closed) this.#awaitClaim(id, queued);
        });
    }
  }

  #watchKeys(id: number, create: KvWatchCreate): () => void {
    const isReady = (): boolean => !this.#closed && !this.#blocked && this.#outbox.bytes <= this.#bytesMax;
    const sink = {
      get ready(): boolean {
        return isReady();
      },
      send: (response: KvWatchResponse): void => {
        if (response.canceled) this.#keyWatchers.delete(id);
        this.#event({ event: { $case: 'kv', value: { watch: id, response } } });
      },
    };
    const { watcher, end } = this.#services.kvWatches.watch(id, create, sink);
    this.#keyWatchers.set(id, watcher);
    watcher.resume();
    return () => {
      this.#keyWatchers.delete(id);
      end();
    };
  }

  #awaitClaim(id: number, claim: Parameters<Claims['wait']>[0]): void {
    this.#claims.get(id)?.();
    let settled = false;
    const cancel = this.#services.claims.wait(claim, (outcome) => {
      settled = true;
      this.#claims.delete(id);
      this.#event({ event: { $case: 'claimSettled', value: { operation: id, ...outcome } } });
    });
    if (!settled) this.#claims.set(id, cancel);
  }

  #watch(id: number, promised: number, request: Operation['request'], begin: () => () => void): void {
    const refuse =
      this.#services.operations.gate.judge(request) ??
      (this.#watches.size >= WATCHES_MAX
        ? errorOf('OVERLOADED', { what: 'the number of watches on one stream', limit: WATCHES_MAX })
        : (this.#services.watches.refusal ?? this.#services.kvWatches.refusal));
    if (refuse !== undefined) {
      this.#answer(id, promised, { $case: 'error', value: refuse });
      return;
    }
    this.#services.read((failed) => {
      if (failed !== undefined) {
        this.#answer(id, promised, { $case: 'error', value: failed });
        return;
      }
      this.#answer(id, promised, { $case: 'watching', value: {} });
      if (this.#closed) return;
      this.#watches.get(id)?.();
      this.#watches.set(id, begin());
    });
  }

  #answer(id: number, promised: number, result: AnswerResult): void {
    this.#unanswered--;
    this.#promisedBytes -= promised;
    if (this.#closed) return;
    this.#outbox.answer({ id, result }, answerBytes(result));
    this.#gathered();
  }

  #event(event: Event): void {
    if (this.#closed) return;
    this.#outbox.event(event, eventBytes(event));
    this.#gathered();
  }

  #gathered(): void {
    const bytesFarMax = this.#crowded ? CROWDED_BYTES_FAR_MAX : HELD_BYTES_FAR_MAX;
    if (this.#held > HELD_FAR_MAX || this.#outbox.bytes > bytesFarMax) {
      this.end(
        status.RESOURCE_EXHAUSTED,
        'the client does not read its answers; open a new stream and ask again',
      );
      return;
    }
    this.#services.dirty(this);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const cancel of this.#watches.values()) cancel();
    for (const cancel of this.#claims.values()) cancel();
    this.#watches.clear();
    this.#claims.clear();
    this.#outbox.drop();
    this.#services.closed(this);
  }
}

function eventBytes({ event }: Event): number {
  switch (event?.$case) {
    case 'lock': {
      const lock = event.value.event?.state;
      return EVENT_BYTES + (lock === undefined ? 0 : answerBytes({ $case: 'lockDescribe', value: { lock } }));
    }
    case 'kv':
      return EVENT_BYTES + watchResponseBytes(event.value.response!);
    case 'leader':
      return EVENT_BYTES + (event.value.leader?.leader?.value.length ?? 0);
    default:
      return EVENT_BYTES;
  }
}
