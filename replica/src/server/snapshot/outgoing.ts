import type { SnapshotOffer } from '@aegis/proto/replica/peer';

import type { StateView } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';
import type { PeerTransport, SnapshotBody, SnapshotLink } from '../peer/transport.js';
import { Chunks } from './chunks.js';
import { Pace } from './pace.js';

export interface OutgoingWorld {
  readonly transport: PeerTransport;
  readonly environment: Environment;
  readonly bytesPerSecond: number;
  readonly chunkBytes: number;
}

/** How a transfer ended, and how much of it left. */
export interface Sent {
  readonly ok: boolean;
  readonly reason: string;
  readonly bytes: number;
}

const STEP_MS = 10;
/** Without a word of the receiver for so long, dialling anew included, a transfer is given up. */
const SILENCE_MS_MAX = 60_000;
const REDIAL_MS = 200;
/** A connection on which nothing is heard for so long is given up: its other end may be gone without a word. */
const LINK_SILENCE_MS_MAX = 10_000;

/**
 * The transfer of one snapshot to one follower. It goes on over as many connections as it takes: chunks that were not
 * acknowledged are kept and sent again.
 */
export class OutgoingSnapshot {
  readonly offer: SnapshotOffer;
  readonly #environment: Environment;
  readonly #dial: () => SnapshotLink;
  readonly #ended: (sent: Sent) => void;
  readonly #chunks: Chunks;
  readonly #pace: Pace;
  readonly #timer: Timer;
  #link: SnapshotLink | undefined;
  /** The receiver has said what it wants: chunks may leave on this connection. */
  #wanted = false;
  /** The next chunk to send on this connection. Invariant: >= chunks.oldest while `#wanted`. */
  #next = 0;
  #endSent = false;
  #heardAt: number;
  #dialledAt = 0;
  #redialAt = Infinity;
  #bytes = 0;
  #over = false;

  constructor(
    to: number,
    offer: SnapshotOffer,
    view: StateView,
    world: OutgoingWorld,
    ended: (sent: Sent) => void,
  ) {
    const { transport, environment, bytesPerSecond, chunkBytes } = world;
    this.offer = offer;
    this.#environment = environment;
    this.#ended = ended;
    this.#heardAt = environment.monotonicMs();
    this.#pace = new Pace(environment, bytesPerSecond);
    this.#dial = () => this.#dialOnce(transport, to);
    this.#chunks = new Chunks(
      view,
      chunkBytes,
      () => this.#pump(),
      (error) => this.#finish(false, `the state could not be read: ${String(error)}`),
    );
    this.#link = this.#dial();
    this.#timer = environment.every(STEP_MS, () => this.#step());
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Ends it without a report; resolves when the view of the state is closed. */
  cancel(): Promise<void> {
    if (this.#over) return this.#chunks.close();
    this.#over = true;
    this.#timer.stop();
    this.#link?.close();
    return this.#chunks.close();
  }

  #dialOnce(transport: PeerTransport, to: number): SnapshotLink {
    this.#wanted = false;
    this.#endSent = false;
    this.#dialledAt = this.#environment.monotonicMs();
    const link: SnapshotLink = transport.dialSnapshot(to, {
      opened: () => link.send({ $case: 'offer', value: this.offer }),
      frame: (body) => this.#take(body),
      closed: () => this.#broken(),
    });
    return link;
  }

  #broken(): void {
    this.#link = undefined;
    this.#wanted = false;
    this.#redialAt = this.#environment.monotonicMs() + REDIAL_MS;
  }

  #take(body: SnapshotBody): void {
    if (this.#over) return;
    this.#heardAt = this.#environment.monotonicMs();
    switch (body.$case) {
      case 'wanted':
        this.#want(body.value.next);
        return;
      case 'held':
        this.#finish(true, 'installed');
        return;
      case 'refused':
        this.#finish(false, body.value.reason);
        return;
      case 'offer':
      case 'chunk':
      case 'end':
        this.#finish(false, `the receiver of a snapshot answered with ${body.$case}`);
    }
  }

  #want(next: number): void {
    if (next < this.#chunks.oldest) {
      // It forgot what it had acknowledged: it has begun a new life.
      this.#finish(false, `chunk ${next} is wanted again, and is no longer kept`);
      return;
    }
    this.#chunks.acknowledged(next);
    if (!this.#wanted) this.#next = next;
    this.#wanted = true;
    this.#pump();
  }

  #step(): void {
    const now = this.#environment.monotonicMs();
    if (now - this.#heardAt > SILENCE_MS_MAX) {
      this.#finish(false, `nothing was heard for ${SILENCE_MS_MAX} ms`);
    } else if (this.#link === undefined) {
      if (now >= this.#redialAt) this.#link = this.#dial();
    } else if (now - Math.max(this.#heardAt, this.#dialledAt) > LINK_SILENCE_MS_MAX) {
      this.#link.close();
      this.#broken();
    } else {
      this.#pump();
    }
  }

  #pump(): void {
    if (this.#over || !this.#wanted) return;
    while (this.#pace.open) {
      const chunk = this.#chunks.chunk(this.#next);
      if (chunk === undefined) break;
      this.#link!.send({ $case: 'chunk', value: chunk });
      this.#pace.spend(chunk.rows.length);
      this.#bytes += chunk.rows.length;
      this.#next++;
    }
    const { end } = this.#chunks;
    if (end === undefined || this.#next < end.chunks || this.#endSent) return;
    this.#endSent = true;
    this.#link!.send({ $case: 'end', value: end });
  }

  #finish(ok: boolean, reason: string): void {
    if (this.#over) return;
    void this.cancel();
    this.#ended({ ok, reason, bytes: this.#bytes });
  }
}
