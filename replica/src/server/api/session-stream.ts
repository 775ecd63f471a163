import type { ServerDuplexStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { Error as Failure } from '@aegis/proto/v1/error';
import type {
  Answer,
  Event,
  Operation,
  SessionRequest,
  SessionResponse,
  Welcome,
} from '@aegis/proto/v1/session';

import { errorOf } from '../../errors/index.js';
import type { Claims } from './claims.js';
import { judge, LIMITS } from './limits.js';
import { type AnswerResult, type Operations, queuedClaim } from './operations.js';
import { statusError } from './status.js';
import type { Watches } from './watches.js';

export interface SessionServices {
  readonly operations: Operations;
  readonly claims: Claims;
  readonly watches: Watches;
  /** Runs `done` once this replica's state is as new as anything acknowledged so far. */
  read(done: (failed: Failure | undefined) => void): void;
  welcome(): Welcome;
  /** Asks for `flush` at the end of this turn. */
  dirty(stream: SessionStream): void;
  closed(stream: SessionStream): void;
}

/** Unanswered and unsent things of one stream; above it the stream is not read, and far above it it is ended. */
const HELD_MAX = 10_000;
const HELD_FAR_MAX = 50_000;
const WATCHES_MAX = 10_000;

/** One client's stream: many operations in flight, one frame a turn in either direction. */
export class SessionStream {
  readonly #call: ServerDuplexStream<SessionRequest, SessionResponse>;
  readonly #services: SessionServices;
  readonly #watches = new Map<number, () => void>();
  readonly #claims = new Map<number, () => void>();
  #welcome: Welcome | undefined;
  #answers: Answer[] = [];
  #events: Event[] = [];
  #unanswered = 0;
  #blocked = false;
  #paused = false;
  #closed = false;

  constructor(call: ServerDuplexStream<SessionRequest, SessionResponse>, services: SessionServices) {
    this.#call = call;
    this.#services = services;
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
    this.#welcome = this.#services.welcome();
    this.#services.dirty(this);
  }

  /** Sends what has gathered, as one frame, unless the client does not take any. */
  flush(): void {
    if (this.#closed || this.#blocked) return;
    if (this.#welcome !== undefined || this.#answers.length > 0 || this.#events.length > 0) {
      const frame = { welcome: this.#welcome, answers: this.#answers, events: this.#events };
      this.#welcome = undefined;
      this.#answers = [];
      this.#events = [];
      this.#blocked = !this.#call.write(frame);
    }
    if (this.#paused && this.#held < HELD_MAX / 2) {
      this.#paused = false;
      this.#call.resume();
    }
  }

  /** Ends the stream with a reason that the client can act on. */
  end(code: status, message: string): void {
    if (this.#closed) return;
    this.flush();
    this.#close();
    this.#call.destroy(Object.assign(new Error(message), { code, details: message }));
  }

  get #held(): number {
    return this.#unanswered + this.#answers.length + this.#events.length;
  }

  #take(frame: SessionRequest): void {
    if (this.#closed) return;
    if (frame.operations.length > LIMITS.frameOperations) {
      const size = `${frame.operations.length} operations`;
      const wrong = errorOf('TOO_LARGE', { what: 'a frame', size, limit: LIMITS.frameOperations });
      this.#close();
      this.#call.destroy(statusError(wrong));
      return;
    }
    for (const operation of frame.operations) this.#begin(operation);
    if (this.#held > HELD_MAX && !this.#paused) {
      this.#paused = true;
      this.#call.pause();
    }
  }

  #begin(operation: Operation): void {
    const { id, request, call } = operation;
    this.#unanswered++;
    switch (request?.$case) {
      case 'lockWatch':
        this.#watch(id, judge(request), { $case: 'watching', value: {} }, () =>
          this.#services.watches.watchLock(request.value.name, (event) =>
            this.#event({ event: { $case: 'lock', value: { watch: id, event } } }),
          ),
        );
        return;
      case 'observe':
        this.#watch(id, judge(request), { $case: 'watching', value: {} }, () =>
          this.#services.watches.observe(request.value.election, (leader) =>
            this.#event({ event: { $case: 'leader', value: { watch: id, leader } } }),
          ),
        );
        return;
      case 'unwatch':
        this.#watches.get(request.value.watch)?.();
        this.#watches.delete(request.value.watch);
        this.#answer(id, { $case: 'unwatch', value: {} });
        return;
      default:
        this.#services.operations.execute(request, call, (answer) => {
          this.#answer(id, answer);
          const queued = queuedClaim(request, answer);
          if (queued !== undefined && !this.#closed) this.#awaitClaim(id, queued);
        });
    }
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

  #watch(id: number, wrong: Failure | undefined, answer: AnswerResult, begin: () => () => void): void {
    const refuse =
      wrong ??
      (this.#watches.size >= WATCHES_MAX
        ? errorOf('OVERLOADED', { what: 'the number of watches on one stream', limit: WATCHES_MAX })
        : undefined);
    if (refuse !== undefined) {
      this.#answer(id, { $case: 'error', value: refuse });
      return;
    }
    this.#services.read((failed) => {
      this.#answer(id, failed === undefined ? answer : { $case: 'error', value: failed });
      if (failed !== undefined || this.#closed) return;
      this.#watches.get(id)?.();
      this.#watches.set(id, begin());
    });
  }

  #answer(id: number, result: AnswerResult): void {
    this.#unanswered--;
    if (this.#closed) return;
    this.#answers.push({ id, result });
    this.#gathered();
  }

  #event(event: Event): void {
    if (this.#closed) return;
    this.#events.push(event);
    this.#gathered();
  }

  #gathered(): void {
    if (this.#held > HELD_FAR_MAX) {
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
    this.#services.closed(this);
  }
}
