import { type Stream, type StreamListener, type Transport, UnavailableError } from '@aegis/client';
import { SessionRequest, SessionResponse } from '@aegis/proto/v1/session';
import type { Life, SimulatedCluster, SimulatedEnvironment } from '@aegis/replica/sim';

import { ServerCall } from './server-call.js';

/** Sent again by TCP after a loss. */
const RETRANSMIT_MS = 200;
/** A broken connection is noticed after up to this long. */
const NOTICED_MS_MAX = 3000;

export interface TransportParts {
  readonly cluster: SimulatedCluster;
  readonly environment: SimulatedEnvironment;
  /** The client's place in the network. */
  readonly place: number;
  readonly encodes: boolean;
  /** Whether there is a way from the client to the machine in a place. */
  readonly reaches: (place: number) => boolean;
}

/** Session streams to simulated replicas, over connections that deliver in order until they break. */
export class SimulatedTransport implements Transport {
  readonly #parts: TransportParts;

  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  open(endpoint: string, listener: StreamListener): Stream {
    return new SimulatedStream(this.#parts, placeOf(endpoint), listener);
  }
}

/** `client-3:1` */
function placeOf(endpoint: string): number {
  return Number(endpoint.slice('client-'.length, endpoint.indexOf(':')));
}

class SimulatedStream implements Stream {
  readonly #parts: TransportParts;
  readonly #replica: number;
  readonly #listener: StreamListener;
  readonly #call: ServerCall;
  /** The process at the other end. */
  #life: Life | undefined;
  #broken = false;
  #closed = false;
  /** When the newest frame of either direction arrives. */
  #arrivesAt = { there: 0, back: 0 };

  constructor(parts: TransportParts, replica: number, listener: StreamListener) {
    this.#parts = parts;
    this.#replica = replica;
    this.#listener = listener;
    this.#call = new ServerCall(
      (frame) => this.#back(() => this.#listener.onFrame(frame), frame),
      (reason) => this.#back(() => this.#ended(reason)),
    );
    if (parts.reaches(replica)) this.#there(() => this.#accepted());
    else this.#refused();
  }

  write(frame: SessionRequest): boolean {
    const taken = this.#parts.encodes ? SessionRequest.decode(SessionRequest.encode(frame).finish()) : frame;
    this.#there(() => this.#call.arrive(taken));
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#there(() => this.#call.cancel());
  }

  #accepted(): void {
    const member = this.#parts.cluster.members.find((each) => each.place === this.#replica);
    this.#life = member?.life;
    if (this.#life === undefined) this.#refused();
    else this.#life.sessions.open(this.#call.asCall);
  }

  /** Nobody listens there. */
  #refused(): void {
    this.#broken = true;
    this.#after(1, () => this.#ended('connection refused'));
  }

  /** Runs at the replica when it has arrived there, in the process that took the stream. */
  #there(task: () => void): void {
    const { place, cluster } = this.#parts;
    this.#carry('there', place, this.#replica, () => {
      const member = cluster.members.find((each) => each.place === this.#replica);
      const now = member?.life;
      if (this.#life === undefined) {
        if (now === undefined) this.#refused();
        else now.environment.run(task);
      } else if (now === this.#life) now.environment.run(task);
      else this.#break(50);
    });
  }

  #back(task: () => void, frame?: SessionResponse): void {
    if (frame !== undefined && this.#parts.encodes) {
      const bytes = SessionResponse.encode(frame).finish();
      this.#back(() => this.#listener.onFrame(SessionResponse.decode(bytes)));
      return;
    }
    this.#carry('back', this.#replica, this.#parts.place, () => {
      this.#parts.environment.run(() => {
        if (!this.#closed) task();
      });
    });
  }

  #carry(direction: 'there' | 'back', from: number, to: number, arrived: () => void): void {
    if (this.#broken) return;
    const { queue, network, random } = this.#parts.cluster;
    let wayMs = 0;
    for (;;) {
      if (network.isCut(from, to)) {
        this.#break(random.fraction() * NOTICED_MS_MAX);
        return;
      }
      const way = network.wayMs(from, to);
      if (way !== undefined) {
        wayMs += way;
        break;
      }
      wayMs += RETRANSMIT_MS;
    }
    const at = Math.max(this.#arrivesAt[direction], queue.nowMs + wayMs);
    this.#arrivesAt[direction] = at;
    queue.after(at - queue.nowMs, () => {
      if (this.#broken) return;
      if (network.isCut(from, to)) this.#break(random.fraction() * NOTICED_MS_MAX);
      else arrived();
    });
  }

  /** Nothing passes any more; both ends notice some time later. */
  #break(noticedMs: number): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#after(noticedMs, () => this.#ended('connection reset'));
    const { queue } = this.#parts.cluster;
    const life = this.#life;
    queue.after(noticedMs, () => life?.environment.run(() => this.#call.cancel()));
  }

  #after(ms: number, task: () => void): void {
    this.#parts.cluster.queue.after(ms, () => this.#parts.environment.run(task));
  }

  #ended(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const message = `client-${this.#replica}:1: ${reason}`;
    this.#listener.onEnd(new UnavailableError('UNAVAILABLE', message, { retryable: true, definite: false }));
  }
}
