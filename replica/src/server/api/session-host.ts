import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { status } from '@grpc/grpc-js';
import type { SessionRequest, SessionResponse, Welcome } from '@aegis/proto/v1/session';

import { errorOf } from '../../errors/index.js';
import type { Applied, StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import { Claims } from './claims.js';
import { KvWatchHub } from './kv/watch-hub.js';
import type { Later } from './kv/watcher.js';
import type { Operations } from './operations.js';
import type { Unsent } from './outbox.js';
import { SessionStream } from './session-stream.js';
import { endCall, statusError } from './status.js';
import { Watches } from './watches.js';

export interface SessionHostParts {
  readonly memberId: number;
  readonly driver: Driver;
  readonly state: StateMachine;
  readonly operations: Operations;
  /** Runs something in a later turn of the event loop. */
  readonly later: Later;
}

const STREAMS_MAX = 10_000;

/** The session streams of a replica, and what waits in their names: queued claims and watches. */
export class SessionHost {
  readonly #parts: SessionHostParts;
  readonly claims: Claims;
  readonly watches: Watches;
  readonly kvWatches: KvWatchHub;
  readonly #streams = new Set<SessionStream>();
  #opened = 0;
  readonly #dirty = new Set<SessionStream>();
  readonly #unsent: Unsent = { bytes: 0 };

  constructor(parts: SessionHostParts) {
    const { state, later } = parts;
    this.#parts = parts;
    this.claims = new Claims(state);
    this.watches = new Watches(state);
    this.kvWatches = new KvWatchHub(state, later);
  }

  /** Streams that were opened since the process began. */
  get opened(): number {
    return this.#opened;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** What waits for clients to be read, in bytes, about. */
  get unsentBytes(): number {
    return this.#unsent.bytes;
  }

  /** Serves one stream until it ends. */
  open(call: ServerDuplexStream<SessionRequest, SessionResponse>): void {
    if (this.#streams.size >= STREAMS_MAX) {
      const what = 'the number of session streams of this replica';
      endCall(call, statusError(errorOf('OVERLOADED', { what, limit: STREAMS_MAX })));
      return;
    }
    const { driver, operations } = this.#parts;
    const stream = new SessionStream(call, {
      operations,
      claims: this.claims,
      watches: this.watches,
      kvWatches: this.kvWatches,
      unsent: this.#unsent,
      read: (done) => driver.read(done),
      welcome: () => this.#welcome(),
      dirty: (dirty) => {
        this.#dirty.add(dirty);
        driver.schedule();
      },
      closed: (closed) => {
        this.#streams.delete(closed);
        this.#dirty.delete(closed);
      },
    });
    this.#streams.add(stream);
    this.#opened++;
  }

  /** Tells queued claims and watchers what an applied batch changed. */
  applied(applied: Applied): void {
    for (const event of applied.events) {
      this.claims.dispatch(event);
      this.watches.dispatch(event);
    }
    this.kvWatches.dispatch(applied.changes);
  }

  /** A snapshot took the place of events that nobody here will see. */
  stateReplaced(): void {
    this.claims.stateReplaced();
    this.watches.stateReplaced();
    this.kvWatches.stateReplaced();
  }

  leaderChanged(): void {
    for (const stream of this.#streams) stream.welcome();
  }

  /** One frame leaves to every client for which something has gathered. */
  turnEnded(): void {
    if (this.#dirty.size === 0) return;
    // A flush makes room for operations whose answers may gather at once: they leave with the next turn.
    const streams = [...this.#dirty];
    this.#dirty.clear();
    for (const stream of streams) stream.flush();
  }

  endAll(code: status, message: string): void {
    for (const stream of this.#streams) stream.end(code, message);
  }

  /** Empty while that member is not known. */
  clientAddress(id: number): string {
    const { members } = this.#parts.state.membership!;
    return members.find((member) => member.id === id)?.clientAddress ?? '';
  }

  #welcome(): Welcome {
    const { driver, state, memberId } = this.#parts;
    const { clusterId, members } = state.membership!;
    return {
      clusterId,
      memberId,
      leaderId: driver.lead,
      leaderAddress: this.clientAddress(driver.lead),
      clientAddresses: members.map((member) => member.clientAddress),
    };
  }
}
