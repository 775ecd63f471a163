import type { ForwardRefused, ForwardedBatch, KnownCommit, StateHash } from '@aegis/proto/replica/peer';

import type { Message } from '../raft/index.js';
import type {
  PeerAddress,
  PeerReceiver,
  PeerTransport,
  SnapshotLink,
  SnapshotLinkEvents,
} from '../server/peer/transport.js';
import type { NetworkProcess, Registered, SimulatedNetwork } from './simulated-network.js';

/** Where a transport is, and what its replica knows of the others. */
export interface TransportPlace {
  /** Of the machine: links are between places. */
  readonly place: number;
  /** Whether the id was a member's that is gone, as far as is known here for good. Undefined: members never change. */
  readonly isRemoved?: (id: number) => boolean;
}

/** A connection that was refused is dialled again, with or without anything to send. */
const REDIAL_MS = 1000;

interface Gathered {
  readonly messages: Message[];
  readonly forwards: ForwardedBatch[];
  readonly refusals: ForwardRefused[];
  readonly hashes: StateHash[];
  commit: KnownCommit | undefined;
}

/** Peers that are connected and not applied yet as members. */
const NEWER_MAX = 16;

/**
 * Sends and takes as `server/peer/tcp-transport.ts` does: to members, and to whoever is newer than what is applied here and has
 * been heard of; nothing comes from a member that was removed.
 */
export class SimulatedTransport implements PeerTransport {
  readonly #self: number;
  readonly #network: SimulatedNetwork;
  readonly #process: NetworkProcess;
  readonly #at: TransportPlace;
  readonly #register: (registered: Registered | undefined) => void;
  readonly #gathered = new Map<number, Gathered>();
  #members: ReadonlySet<number> = new Set();
  /** Undefined until the members are known: then everybody is one. */
  #links: Set<number> | undefined;
  #running = true;

  constructor(
    self: number,
    network: SimulatedNetwork,
    process: NetworkProcess,
    at: TransportPlace,
    register: (registered: Registered | undefined) => void,
  ) {
    this.#self = self;
    this.#network = network;
    this.#process = process;
    this.#at = at;
    this.#register = register;
  }

  async start(receiver: PeerReceiver): Promise<void> {
    const deliver = (task: () => void): void => this.#process.run(task);
    this.#register({
      receiver,
      deliver,
      welcomes: (from) => this.#welcomes(from),
      refuses: (from) => this.#refuses(from),
    });
    this.#redial();
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const links = (this.#links ??= new Set());
    this.#members = new Set(peers.map(({ id }) => id).filter((id) => id !== this.#self));
    for (const id of links) {
      // One that is newer than what is applied here stays.
      if (this.#members.has(id) || this.#at.isRemoved?.(id) !== true) continue;
      // It is still told what has gathered, its removal for one.
      this.#flush(id);
      links.delete(id);
      this.#network.refuse(id, this.#self);
    }
    for (const id of this.#members) links.add(id);
  }

  send(message: Message): void {
    this.#frame(message.to)?.messages.push(message);
  }

  forward(to: number, batch: ForwardedBatch): void {
    this.#frame(to)?.forwards.push(batch);
  }

  refuse(to: number, refused: ForwardRefused): void {
    this.#frame(to)?.refusals.push(refused);
  }

  tell(to: number, hashes: readonly StateHash[]): void {
    this.#frame(to)?.hashes.push(...hashes);
  }

  tellCommit(commit: KnownCommit): void {
    for (const to of this.#links ?? []) this.#frame(to)!.commit = commit;
  }

  flush(): void {
    if (this.#gathered.size === 0) return;
    for (const to of this.#gathered.keys()) this.#flush(to);
  }

  dialSnapshot(to: number, events: SnapshotLinkEvents): SnapshotLink {
    if (this.#links === undefined || this.#members.has(to))
      return this.#network.dialSnapshot(this.#self, to, events);
    queueMicrotask(() => events.closed(`${to} is no member of this cluster`));
    return { send: () => {}, close: () => {} };
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#register(undefined);
  }

  #redial(): void {
    this.#network.after(REDIAL_MS, () => {
      if (!this.#running || !this.#process.alive) return;
      this.#process.run(() => {
        for (const id of this.#links ?? []) this.#network.dial(this.#self, id);
      });
      this.#redial();
    });
  }

  #flush(to: number): void {
    const gathered = this.#gathered.get(to);
    if (gathered === undefined) return;
    this.#gathered.delete(to);
    this.#network.carry({ from: this.#self, to, ...gathered }, this.#process.workedMs);
  }

  /** A newer member than those that are applied here gets its answers, too. */
  #welcomes(from: number): boolean {
    const links = this.#links;
    if (links === undefined || links.has(from)) return true;
    if (this.#refuses(from)) return false;
    if (links.size - this.#members.size < NEWER_MAX) links.add(from);
    return true;
  }

  #refuses(from: number): boolean {
    return this.#at.isRemoved?.(from) === true;
  }

  #frame(to: number): Gathered | undefined {
    if (this.#links?.has(to) === false) return undefined;
    let frame = this.#gathered.get(to);
    if (frame === undefined) {
      frame = { messages: [], forwards: [], refusals: [], hashes: [], commit: undefined };
      this.#gathered.set(to, frame);
    }
    return frame;
  }
}
