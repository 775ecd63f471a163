import { type Batch, Command } from '@aegis/proto/replica/command';
import type { ForwardedBatch, ForwardRefused, KnownCommit, StateHash } from '@aegis/proto/replica/peer';

import { type Message, MessageType } from '../../raft/index.js';
import type { PeerReceiver, SnapshotLink, SnapshotLinkEvents } from '../peer/transport.js';
import type { Components } from './components.js';
import type { DriverParts } from './parts.js';

/** The loop, as far as what peers send needs it. */
export interface Desk {
  stopped(): boolean;
  schedule(): void;
  /** Ends the process if the work throws. */
  guard(work: () => unknown): void;
  /** Stamps and proposes a batch. False: certainly not taken. */
  propose(batch: Omit<Batch, 'stampMs'>): boolean;
}

/** What peers send, brought to whom it is for. */
export class PeerInbox implements PeerReceiver {
  readonly #parts: DriverParts;
  readonly #components: Components;
  readonly #desk: Desk;

  constructor(parts: DriverParts, components: Components, desk: Desk) {
    this.#parts = parts;
    this.#components = components;
    this.#desk = desk;
  }

  message(message: Message): void {
    if (this.#desk.stopped()) return;
    // Two followers that each take the other for the leader would pass a forwarded read back and forth for ever.
    if (message.type === MessageType.MsgReadIndex && !this.#components.leadership.here) return;
    // Comes with its state, on a connection of its own.
    if (message.type === MessageType.MsgSnap) return;
    this.#components.membership.guard.heard(message.from);
    this.#desk.guard(() => this.#parts.raft.step(message));
    this.#desk.schedule();
  }

  forwarded(from: number, batch: ForwardedBatch): void {
    if (this.#desk.stopped()) return;
    const { raft, transport } = this.#parts;
    const { origin, number, term } = batch;
    const accepted =
      this.#components.leadership.here &&
      raft.basicStatus().term === term &&
      this.#desk.propose({
        version: 1,
        origin,
        number,
        commands: batch.commands.map((bytes) => Command.decode(bytes)),
      });
    if (!accepted) transport.refuse(from, { origin, number });
    this.#desk.schedule();
  }

  forwardRefused(refused: ForwardRefused): void {
    this.#components.proposals.refused(refused.origin, refused.number);
    this.#desk.schedule();
  }

  hashes(from: number, hashes: readonly StateHash[]): void {
    if (!this.#desk.stopped()) this.#desk.guard(() => this.#components.integrity.heard(from, hashes));
  }

  knownCommit({ index, term }: KnownCommit): void {
    if (this.#desk.stopped()) return;
    this.#desk.guard(() => this.#parts.raft.learnCommitted(index, term));
    this.#desk.schedule();
  }

  unreachable(peer: number): void {
    if (this.#desk.stopped()) return;
    this.#parts.raft.reportUnreachable(peer);
    this.#desk.schedule();
  }

  refusedAsRemoved(peer: number): void {
    this.#components.removal.refusedBy(peer);
  }

  snapshotLink(from: number, link: SnapshotLink): SnapshotLinkEvents {
    return this.#components.snapshots.link(from, link);
  }
}
