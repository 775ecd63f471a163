import { SnapshotFrame } from '@aegis/proto/replica/peer';

import type { SnapshotBody, SnapshotLink, SnapshotLinkEvents } from '../server/peer/transport.js';

/** What a connection needs of the network. */
export interface Wire {
  /** Of one frame; undefined: the connection breaks here. */
  delayMs(from: number, to: number): number | undefined;
  after(ms: number, task: () => void): void;
}

/** One end's process. */
export interface End {
  readonly id: number;
  readonly deliver: (task: () => void) => void;
  readonly alive: () => boolean;
}

/** A connection that carries a snapshot: in order, through the real encoding, until it breaks. */
export class SimulatedConnection {
  readonly #wire: Wire;
  readonly #ends: readonly [End, End];
  readonly #events: [SnapshotLinkEvents | undefined, SnapshotLinkEvents | undefined] = [undefined, undefined];
  /** When the newest frame of each end arrives: none overtakes it. */
  readonly #arrivesAt: [number, number] = [0, 0];
  readonly #now: () => number;

  constructor(wire: Wire, now: () => number, dialler: End, listener: End) {
    this.#wire = wire;
    this.#now = now;
    this.#ends = [dialler, listener];
  }

  /** Both ends live. */
  get whole(): boolean {
    return this.#ends.every((end) => end.alive());
  }

  /** Nobody listens any more. */
  get over(): boolean {
    return this.#events.every((events) => events === undefined);
  }

  /** Both ends hear of it a little later. */
  break(): void {
    for (const at of [0, 1] as const) {
      this.#wire.after(1, () => this.#ends[at].deliver(() => this.#end(at, 'the connection broke')));
    }
  }

  /** The end of who dialled. */
  dial(events: SnapshotLinkEvents, accept: (link: SnapshotLink) => SnapshotLinkEvents): SnapshotLink {
    this.#events[0] = events;
    this.#carry(0, () => {
      this.#events[1] = accept(this.#link(1));
      this.#carry(1, () => this.#events[0]?.opened());
    });
    return this.#link(0);
  }

  #link(at: 0 | 1): SnapshotLink {
    return {
      send: (body) => this.#send(at, body),
      close: () => {
        this.#events[at] = undefined;
        this.#carry(at, () => this.#end(at === 0 ? 1 : 0, 'the peer closed the connection'));
      },
    };
  }

  #send(at: 0 | 1, body: SnapshotBody): void {
    const { from, to } = { from: this.#ends[at].id, to: this.#ends[at === 0 ? 1 : 0].id };
    const bytes = SnapshotFrame.encode({ clusterId: 'simulated', from, to, body }).finish();
    this.#carry(at, () => {
      const frame = SnapshotFrame.decode(bytes);
      this.#events[at === 0 ? 1 : 0]?.frame(frame.body!);
    });
  }

  /** Runs `task` at the other end when it has arrived there. */
  #carry(at: 0 | 1, task: () => void): void {
    const to = this.#ends[at === 0 ? 1 : 0];
    const delay = this.#wire.delayMs(this.#ends[at].id, to.id);
    if (delay === undefined || !to.alive()) {
      this.break();
      return;
    }
    const arrivesAt = Math.max(this.#arrivesAt[at], this.#now() + delay);
    this.#arrivesAt[at] = arrivesAt;
    this.#wire.after(arrivesAt - this.#now(), () => {
      if (to.alive()) to.deliver(task);
      else this.break();
    });
  }

  #end(at: 0 | 1, reason: string): void {
    const events = this.#events[at];
    this.#events[at] = undefined;
    events?.closed(reason);
  }
}
