import type { ForwardRefused, ForwardedBatch, KnownCommit, StateHash } from '@aegis/proto/replica/peer';
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
import { SimulatedTransport, type TransportPlace } from './simulated-transport.js';

/** What one direction of a link does to frames. */
export interface LinkQuality {
  /** Chance that a frame is lost. */
  loss: number;
  /** Chance that the core's messages of a frame arrive twice. */
  duplication: number;
  delayMsMin: number;
  delayMsMax: number;
  /** Chance that a frame takes `tailMs` longer. */
  tail?: number;
  tailMs?: number;
  /** What is late holds up what comes after it, as on one connection. Without it frames overtake each other. */
  ordered?: boolean;
}

/** What one replica hands to the network for another in one turn. */
export interface Parcel {
  readonly from: number;
  readonly to: number;
  readonly messages: readonly Message[];
  readonly forwards: readonly ForwardedBatch[];
  readonly refusals: readonly ForwardRefused[];
  readonly hashes: readonly StateHash[];
  readonly commit: KnownCommit | undefined;
}

export interface NetworkOptions {
  /** Frames go through the real encoding. Without it they arrive as they are: whoever has them never changes them. */
  readonly encodes?: boolean;
  /** Told of what leaves, lost or not: what a process says, it must be able to keep. */
  readonly leaving?: (parcel: Parcel) => void;
  /** Told of what arrives, before its receiver. */
  readonly arriving?: (parcel: Parcel) => void;
}

/** What the network needs to know of a process. */
export interface NetworkProcess {
  run(task: () => void): void;
  readonly alive: boolean;
  /** What it sends now leaves that much later. */
  readonly workedMs: number;
}

/** One life of a member, as others reach it. */
export interface Registered {
  readonly receiver: PeerReceiver;
  /** Whether it takes what this member sends: not if that one was removed. */
  readonly welcomes: (from: number) => boolean;
  /** The same, asked without consequence. */
  readonly refuses: (from: number) => boolean;
  /** Runs a task inside of the process. */
  readonly deliver: (task: () => void) => void;
}

/** All links of a simulated cluster, between the places of its machines. Delays reorder frames, unless a link keeps their order. */
export class SimulatedNetwork {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #options: NetworkOptions;
  /** By member. */
  readonly #receivers = new Map<number, Registered>();
  /** Where a member's machine stands, if that is not the place of its number. */
  readonly #places = new Map<number, number>();
  /** Links that carry nothing, as `linkOf`. */
  readonly #cut = new Set<number>();
  readonly #qualities = new Map<number, LinkQuality>();
  /** When the last frame arrives that was sent over a link that keeps their order. */
  readonly #lastDueMs = new Map<number, number>();
  readonly #connections = new Set<SimulatedConnection>();
  /** Of links without a quality of their own. */
  faults: LinkQuality = { loss: 0, duplication: 0, delayMsMin: 0.2, delayMsMax: 1 };

  constructor(queue: EventQueue, random: Random, options: NetworkOptions = {}) {
    this.#queue = queue;
    this.#random = random;
    this.#options = options;
  }

  /** The transport of one life of a member, in whose process arrives what arrives. */
  join(self: number, process: NetworkProcess, at: TransportPlace = { place: self }): PeerTransport {
    if (at.place !== self) this.#places.set(self, at.place);
    return new SimulatedTransport(self, this, process, at, (registered) => {
      if (registered === undefined) this.#receivers.delete(self);
      else this.#receivers.set(self, registered);
    });
  }

  leave(self: number): void {
    this.#receivers.delete(self);
    for (const connection of this.#connections) if (!connection.whole) connection.break();
  }

  cut(from: number, to: number): void {
    this.#cut.add(linkOf(from, to));
  }

  heal(from: number, to: number): void {
    this.#cut.delete(linkOf(from, to));
  }

  healAll(): void {
    this.#cut.clear();
    this.#qualities.clear();
  }

  isCut(from: number, to: number): boolean {
    return this.#cut.size > 0 && this.#cut.has(linkOf(from, to));
  }

  /** Undefined: like all others again. */
  setQuality(from: number, to: number, quality: LinkQuality | undefined): void {
    if (quality === undefined) this.#qualities.delete(linkOf(from, to));
    else this.#qualities.set(linkOf(from, to), quality);
  }

  carry(parcel: Parcel, inMs = 0): void {
    this.#options.leaving?.(parcel);
    const [from, to] = [this.#placeOf(parcel.from), this.#placeOf(parcel.to)];
    const quality = this.#quality(from, to);
    if (this.isCut(from, to) || this.#random.chance(quality.loss)) return;
    this.#travel(parcel, from, to, quality, inMs);
    // The core's messages may come twice; the transport promises that forwarded batches do not.
    if (this.#random.chance(quality.duplication)) {
      const again = { ...parcel, forwards: [], refusals: [], hashes: [] };
      this.#travel(again, from, to, quality, inMs);
    }
  }

  #travel(parcel: Parcel, from: number, to: number, quality: LinkQuality, inMs: number): void {
    const open = this.#options.encodes === true ? packed(parcel) : undefined;
    let dueMs = this.#queue.nowMs + (inMs + delayMs(quality, this.#random));
    if (quality.ordered === true) {
      const link = linkOf(from, to);
      dueMs = Math.max(dueMs, this.#lastDueMs.get(link) ?? 0);
      this.#lastDueMs.set(link, dueMs);
    }
    this.#queue.at(dueMs, () => this.#arrive(parcel, from, to, open));
  }

  /** How long something takes from one place to the other; undefined: it does not get there. */
  wayMs(from: number, to: number, random = this.#random): number | undefined {
    const quality = this.#quality(from, to);
    if (this.isCut(from, to) || random.chance(quality.loss)) return undefined;
    return delayMs(quality, random);
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
      delayMs: (one: number, other: number) => this.wayMs(this.#placeOf(one), this.#placeOf(other)),
      after: (ms: number, task: () => void) => this.#queue.after(ms, task),
    };
    const connection = new SimulatedConnection(wire, () => this.#queue.nowMs, end(from), end(to));
    for (const old of this.#connections) if (old.over) this.#connections.delete(old);
    this.#connections.add(connection);
    return connection.dial(events, (link) => {
      const { receiver, welcomes } = this.#receivers.get(to)!;
      if (welcomes(from)) return receiver.snapshotLink(from, link);
      link.close();
      return { opened: () => {}, frame: () => {}, closed: () => {} };
    });
  }

  #placeOf(member: number): number {
    return this.#places.size === 0 ? member : (this.#places.get(member) ?? member);
  }

  #quality(from: number, to: number): LinkQuality {
    return this.#qualities.size === 0 ? this.faults : (this.#qualities.get(linkOf(from, to)) ?? this.faults);
  }

  /** At one place, from another. */
  #arrive(sent: Parcel, there: number, here: number, open: (() => Parcel) | undefined): void {
    const target = this.#receivers.get(sent.to);
    if (target === undefined || this.isCut(there, here)) return;
    target.deliver(() => this.#take(target, open === undefined ? sent : open()));
  }

  #take({ receiver, welcomes }: Registered, parcel: Parcel): void {
    const { from, to, messages, forwards, refusals, hashes, commit } = parcel;
    if (!welcomes(from)) {
      this.refuse(from, to);
      return;
    }
    this.#options.arriving?.(parcel);
    for (const message of messages) receiver.message(message);
    for (const batch of forwards) receiver.forwarded(from, batch);
    for (const refused of refusals) receiver.forwardRefused(refused);
    if (hashes.length > 0) receiver.hashes(from, hashes);
    if (commit !== undefined) receiver.knownCommit(commit);
  }

  after(ms: number, task: () => void): void {
    this.#queue.after(ms, task);
  }

  /** Dials a peer with nothing to send: whoever was removed is refused and so told. */
  dial(from: number, to: number): void {
    const target = this.#receivers.get(to);
    if (target === undefined || this.isCut(this.#placeOf(from), this.#placeOf(to))) return;
    if (target.refuses(from)) target.deliver(() => this.refuse(from, to));
  }

  /** `by` refuses what the member sends: that one is told, as when its connection is ended with a reason. */
  refuse(member: number, by: number): void {
    const wayMs = this.wayMs(this.#placeOf(by), this.#placeOf(member));
    if (wayMs === undefined) return;
    this.#queue.after(wayMs, () => {
      const told = this.#receivers.get(member);
      told?.deliver(() => told.receiver.refusedAsRemoved(by));
    });
  }
}

function delayMs({ delayMsMin, delayMsMax, tail = 0, tailMs = 0 }: LinkQuality, random: Random): number {
  const delay = delayMsMin + random.fraction() * (delayMsMax - delayMsMin);
  return tail > 0 && random.chance(tail) ? delay + tailMs * random.fraction() : delay;
}

const LINKS_PER_PLACE = 65_536;

function linkOf(from: number, to: number): number {
  return from * LINKS_PER_PLACE + to;
}

/** As the real transport writes and reads it. */
function packed({ from, to, messages, forwards, refusals, hashes, commit }: Parcel): () => Parcel {
  const bytes = Frame.encode({
    clusterId: 'simulated',
    from,
    to,
    messages: messages.map(encodeMessage),
    forwards: [...forwards],
    refusals: [...refusals],
    probe: undefined,
    probeReply: undefined,
    hashes: [...hashes],
    commit,
  }).finish();
  return () => {
    const frame = Frame.decode(bytes);
    return { from, to, messages: frame.messages.map(decodeMessage), ...rest(frame) };
  };
}

function rest({
  forwards,
  refusals,
  hashes,
  commit,
}: Frame): Pick<Parcel, 'forwards' | 'refusals' | 'hashes' | 'commit'> {
  return { forwards, refusals, hashes, commit };
}
