import type { SnapshotOffer } from '@aegis/proto/replica/peer';

import type { RawNode } from '../../raft/index.js';
import { STATE_VERSION } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';
import type { SnapshotBody, SnapshotLink, SnapshotLinkEvents } from '../peer/transport.js';
import type { SnapshotEvents } from './events.js';
import { IncomingSnapshot, SnapshotRefusal } from './incoming.js';
import type { Candidate } from './installer.js';
import { nextStateFolder, type StateFolders } from './state-folders.js';

export interface ReceiverParts {
  readonly clusterId: string;
  readonly raft: RawNode;
  readonly environment: Environment;
  readonly folders: StateFolders;
  /** The folder of the state at the start. */
  readonly folder: string;
  readonly events: SnapshotEvents;
  /** Offers it to the core, which takes it or not. */
  readonly received: (from: number, offer: SnapshotOffer, candidate: Candidate) => void;
  /** All of it is committed here already, which the core tells the leader: without that it would be offered for ever. */
  readonly needless: (from: number, offer: SnapshotOffer) => void;
}

interface Connection {
  readonly from: number;
  readonly link: SnapshotLink;
  /** Of the offer that this connection is about. */
  id: string | undefined;
  /** Frames that came and are not worked off. */
  waiting: number;
  over: boolean;
}

/** Twice what a sender has under way at most: one that does not wait for acknowledgements would fill the memory. */
const WAITING_MAX = 20;
const IDLE_CHECK_MS = 10_000;
/** A snapshot of which nothing more comes is deleted. */
const IDLE_MS_MAX = 120_000;

/** Takes snapshots in, one at a time. What it refuses has touched nothing but its own folder. */
export class SnapshotReceiver {
  readonly #parts: ReceiverParts;
  readonly #timer: Timer;
  #partial: IncomingSnapshot | undefined;
  #heardAt = 0;
  /** The last one that was handed over: its sender may not have heard it. */
  #heldId: string | undefined;
  #newestFolder: string;
  /** Everything is done in the order in which it came. Never rejects. */
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#newestFolder = parts.folder;
    this.#timer = parts.environment.every(IDLE_CHECK_MS, () => this.#dropIdle());
  }

  link(from: number, link: SnapshotLink): SnapshotLinkEvents {
    const connection: Connection = { from, link, id: undefined, waiting: 0, over: this.#stopped };
    if (this.#stopped) link.close();
    return {
      opened: () => {},
      frame: (body) => this.#queue(connection, () => this.#take(connection, body)),
      closed: () => {
        connection.over = true;
      },
    };
  }

  /** Resolves when all that came so far is worked off. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** Resolves when nothing is under way and the folder that was being filled is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.stop();
    this.#work = this.#work.then(() => this.#discard());
    await this.#work;
  }

  #queue(connection: Connection, task: () => Promise<void>): void {
    if (connection.over) return;
    if (connection.waiting >= WAITING_MAX) {
      const reason = `its sender does not wait: ${connection.waiting} frames are not worked off yet`;
      this.#turnAway(connection, reason);
      this.#work = this.#work.then(() => this.#discardOf(connection));
      return;
    }
    connection.waiting++;
    this.#work = this.#work.then(async () => {
      connection.waiting--;
      if (connection.over || this.#stopped) return;
      this.#heardAt = this.#parts.environment.monotonicMs();
      await task().catch((error: unknown) => this.#refuse(connection, error));
    });
  }

  async #take(connection: Connection, body: SnapshotBody): Promise<void> {
    switch (body.$case) {
      case 'offer':
        await this.#offered(connection, body.value);
        return;
      case 'chunk': {
        const partial = this.#partialOf(connection);
        const { next } = partial;
        await partial.take(body.value);
        if (partial.next > next) this.#parts.events.receivedBytes(body.value.rows.length);
        connection.link.send({ $case: 'wanted', value: { next: partial.next } });
        return;
      }
      case 'end':
        await this.#finish(connection, this.#partialOf(connection), body.value);
        return;
      case 'wanted':
      case 'held':
      case 'refused':
        throw new SnapshotRefusal(`the sender of a snapshot sent ${body.$case}`);
    }
  }

  async #offered(connection: Connection, offer: SnapshotOffer): Promise<void> {
    connection.id = offer.id;
    if (offer.id === this.#heldId) {
      connection.link.send({ $case: 'held', value: {} });
      return;
    }
    this.#judge(offer);
    if (offer.index <= this.#parts.raft.basicStatus().commit) {
      this.#parts.needless(connection.from, offer);
      connection.link.send({ $case: 'held', value: {} });
      return;
    }
    if (this.#partial?.offer.id !== offer.id) {
      await this.#discard();
      this.#newestFolder = nextStateFolder(this.#newestFolder);
      this.#partial = await IncomingSnapshot.begin(offer, this.#newestFolder, this.#parts.folders);
      this.#parts.events.receiving(connection.from, offer);
    }
    connection.link.send({ $case: 'wanted', value: { next: this.#partial.next } });
  }

  #judge({ term, stateVersion }: SnapshotOffer): void {
    if (stateVersion > STATE_VERSION) {
      throw new SnapshotRefusal(
        `it is of state machine version ${stateVersion}, and this replica knows ${STATE_VERSION}`,
      );
    }
    const newest = Math.max(this.#parts.raft.basicStatus().term, this.#partial?.offer.term ?? 0);
    if (term < newest) throw new SnapshotRefusal(`its sender led term ${term}, and this is term ${newest}`);
  }

  async #finish(
    connection: Connection,
    partial: IncomingSnapshot,
    end: { chunks: number; digest: Buffer },
  ): Promise<void> {
    const machine = await partial.finish(end, this.#parts.clusterId);
    // From here on the folder is the candidate's.
    this.#partial = undefined;
    this.#heldId = partial.offer.id;
    this.#parts.received(connection.from, partial.offer, { folder: partial.folder, machine });
    connection.link.send({ $case: 'held', value: {} });
  }

  #partialOf({ id }: Connection): IncomingSnapshot {
    if (this.#partial === undefined || this.#partial.offer.id !== id) {
      throw new SnapshotRefusal('it was not offered, or another took its place');
    }
    return this.#partial;
  }

  async #refuse(connection: Connection, error: unknown): Promise<void> {
    this.#turnAway(connection, error instanceof Error ? error.message : String(error));
    await this.#discardOf(connection);
  }

  #turnAway(connection: Connection, reason: string): void {
    this.#parts.events.refused(connection.from, reason);
    connection.over = true;
    connection.link.send({ $case: 'refused', value: { reason } });
    connection.link.close();
  }

  async #discardOf({ id }: Connection): Promise<void> {
    if (id !== undefined && this.#partial?.offer.id === id) await this.#discard();
  }

  async #discard(): Promise<void> {
    const partial = this.#partial;
    this.#partial = undefined;
    await partial?.discard().catch(() => {});
  }

  #dropIdle(): void {
    const { environment } = this.#parts;
    this.#work = this.#work.then(async () => {
      if (environment.monotonicMs() - this.#heardAt > IDLE_MS_MAX) await this.#discard();
    });
  }
}
