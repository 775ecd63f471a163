import type { ForwardedBatch, ForwardRefused } from '@aegis/proto/replica/peer';
import { Frame } from '@aegis/proto/replica/peer';

import type { Message } from '../raft/index.js';
import type {
  PeerReceiver,
  PeerTransport,
  SnapshotLink,
  SnapshotLinkEvents,
} from '../server/peer/transport.js';
import { decodeMessage, encodeMessage } from '../server/peer/wire.js';
import type { EventQueue } from './event-queue.js';
import type { Random } from './random.js';
import { SimulatedConnection } from './simulated-snapshot-link.js';

export interface NetworkFaults {
  /** Chance that a frame is lost. */
  loss: number;
  /** Chance that a frame arrives twice. */
  duplication: number;
  delayMsMin: number;
  delayMsMax: number;
}

interface Registered {
  readonly receiver: PeerReceiver;
  /** Runs a task inside of the process. */
  readonly deliver: (task: () => void) => void;
}

/** All links of a simulated cluster. Frames go through the real encoding; delays reorder them. */
export class SimulatedNetwork {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #receivers = new Map<number, Registered>();
  /** Links that carry nothing, as `from>to`. */
  readonly #cut = new Set<string>();
  readonly #connections = new Set<SimulatedConnection>();
  faults: NetworkFaults = { loss: 0, duplication: 0, delayMsMin: 0.2, delayMsMax: 1 };

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue;
    this.#random = random;
  }

  /** The transport of one life of a member; `deliver` runs what arrives inside of its process. */
  join(self: number, deliver: (task: () => void) => void): PeerTransport {
    return new SimulatedTransport(self, this, (receiver) => {
      if (receiver === undefined) this.#receivers.delete(self);
      else this.#receivers.set(self, { receiver, deliver });
    });
  }

  leave(self: number): void {
    this.#receivers.delete(self);
    for (const connection of this.#connections) if (!connection.whole) connection.break();
  }

  cut(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  healAll(): void {
    this.#cut.clear();
  }

  carry(frame: Frame): void {
    if (this.#cut.has(`${frame.from}>${frame.to}`) || this.#random.chance(this.faults.loss)) return;
    const bytes = Frame.encode(frame).finish();
    const copies = this.#random.chance(this.faults.duplication) ? 2 : 1;
    for (let i = 0; i < copies; i++)
      this.#queue.after(this.#delayMs(), () => this.#arrive(Frame.decode(bytes)));
  }

  /** A frame that is lost breaks a connection, and so do a cut link and an end that dies. */
  dialSnapshot(from: number, to: number, events: SnapshotLinkEvents): SnapshotLink {
    const end = (id: number) => {
      const registered = this.#receivers.get(id);
      return {
        id,
        deliver: (task: () => void) => registered?.deliver(task),
        alive: () => registered !== undefined && this.#receivers.get(id) === registered,
      };
    };
    const wire = {
      delayMs: (from: number, to: number) =>
        this.#cut.has(`${from}>${to}`) || this.#random.chance(this.faults.loss) ? undefined : this.#delayMs(),
      after: (ms: number, task: () => void) => this.#queue.after(ms, task),
    };
    const connection = new SimulatedConnection(wire, () => this.#queue.nowMs, end(from), end(to));
    for (const old of this.#connections) if (old.over) this.#connections.delete(old);
    this.#connections.add(connection);
    return connection.dial(events, (link) => this.#receivers.get(to)!.receiver.snapshotLink(from, link));
  }

  #delayMs(): number {
    const { delayMsMin, delayMsMax } = this.faults;
    return delayMsMin + this.#random.fraction() * (delayMsMax - delayMsMin);
  }

  #arrive(frame: Frame): void {
    const target = this.#receivers.get(frame.to);
    if (target === undefined || this.#cut.has(`${frame.from}>${frame.to}`)) return;
    target.deliver(() => {
      for (const message of frame.messages) target.receiver.message(decodeMessage(message));
      for (const batch of frame.forwards) target.receiver.forwarded(frame.from, batch);
      for (const refused of frame.refusals) target.receiver.forwardRefused(refused);
    });
  }
}

class SimulatedTransport implements PeerTransport {
  readonly #self: number;
  readonly #network: SimulatedNetwork;
  readonly #listen: (receiver: PeerReceiver | undefined) => void;
  readonly #gathered = new Map<number, Frame>();

  constructor(self: number, network: SimulatedNetwork, listen: (receiver: PeerReceiver | undefined) => void) {
    this.#self = self;
    this.#network = network;
    this.#listen = listen;
  }

  async start(receiver: PeerReceiver): Promise<void> {
    this.#listen(receiver);
  }

  setPeers(): void {}

  send(message: Message): void {
    this.#frame(message.to).messages.push(encodeMessage(message));
  }

  forward(to: number, batch: ForwardedBatch): void {
    this.#frame(to).forwards.push(batch);
  }

  refuse(to: number, refused: ForwardRefused): void {
    this.#frame(to).refusals.push(refused);
  }

  flush(): void {
    for (const frame of this.#gathered.values()) this.#network.carry(frame);
    this.#gathered.clear();
  }

  dialSnapshot(to: number, events: SnapshotLinkEvents): SnapshotLink {
    return this.#network.dialSnapshot(this.#self, to, events);
  }

  async stop(): Promise<void> {
    this.#listen(undefined);
  }

  #frame(to: number): Frame {
    let frame = this.#gathered.get(to);
    if (frame === undefined) {
      const rest = { messages: [], forwards: [], refusals: [], probe: undefined, probeReply: undefined };
      frame = { clusterId: 'simulated', from: this.#self, to, ...rest };
      this.#gathered.set(to, frame);
    }
    return frame;
  }
}
