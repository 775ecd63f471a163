import type { SnapshotOffer } from '@aegis/proto/replica/peer';

import { message, type Message, MessageType, type RawNode, type Snapshot } from '../../raft/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Environment } from '../driver/environment.js';
import { coreConfState } from '../driver/log-storage.js';
import type { PeerTransport, SnapshotLink, SnapshotLinkEvents } from '../peer/transport.js';
import type { SnapshotEvents } from './events.js';
import { folderOf, type StateFolders } from './state-folders.js';
import { type Candidate, Installer } from './installer.js';
import { SnapshotReceiver } from './receiver.js';
import { SnapshotSender } from './sender.js';

export interface SnapshotOptions {
  readonly folders: StateFolders;
  /** The folder of the state at the start. */
  readonly folder: string;
  readonly bytesPerSecond: number;
  /** A chunk is closed by the row that brings it to this size. */
  readonly chunkBytes: number;
  readonly events: SnapshotEvents;
}

export interface SnapshotParts extends SnapshotOptions {
  readonly id: number;
  readonly origin: number;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly transport: PeerTransport;
  readonly environment: Environment;
  readonly schedule: () => void;
  readonly fatal: (error: unknown) => void;
}

/**
 * The snapshots of one replica, as the driver sees them. The core's MsgSnap names what is to be sent; the state itself
 * travels on a connection of its own into a fresh folder of the receiver, whose core then gets the MsgSnap with the folder's
 * name for data.
 */
export class Snapshots {
  readonly #parts: SnapshotParts;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  readonly #installer: Installer;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    const { state, folders, folder, fatal } = parts;
    this.#sender = new SnapshotSender(parts);
    this.#installer = new Installer(state, folders, folder, () => this.#sender.closed(), fatal);
    const guard = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        fatal(error);
      }
    };
    this.#receiver = new SnapshotReceiver({
      ...parts,
      clusterId: state.membership!.clusterId,
      received: (from, offer, candidate) => guard(() => this.#received(from, offer, candidate)),
      needless: (from, offer) => guard(() => this.#needless(from, offer)),
    });
  }

  /** The log has to keep the entries after this one. */
  oldestNeeded(): number {
    return this.#sender.oldestNeeded();
  }

  /** Takes a MsgSnap that the core wants sent. */
  send(message: Message): void {
    this.#sender.send(message);
  }

  /** A peer has dialled. */
  link(from: number, link: SnapshotLink): SnapshotLinkEvents {
    return this.#receiver.link(from, link);
  }

  leadershipLost(): void {
    this.#sender.cancelAll();
  }

  /** The log holds the snapshot's record: the state is changed when this returns. */
  install(snapshot: Snapshot): void {
    const folder = folderOf(snapshot);
    this.#installer.install(folder);
    this.#parts.events.installed(snapshot.metadata.index, folder);
  }

  async stop(): Promise<void> {
    this.#sender.cancelAll();
    await this.#sender.closed();
    await this.#receiver.stop();
    await this.#installer.stop();
  }

  #received(from: number, { term }: SnapshotOffer, candidate: Candidate): void {
    const { raft } = this.#parts;
    const { appliedIndex: index, appliedTerm, membership } = candidate.machine;
    const before = raft.basicStatus().firstIndex;
    const confState = coreConfState(membership!.confState);
    const data = Buffer.from(candidate.folder, 'utf8');
    this.#offer(from, term, { data, metadata: { index, term: appliedTerm, confState } });
    // A log that begins after it has become it.
    const taken = before <= index && raft.basicStatus().firstIndex === index + 1;
    if (taken) this.#installer.add(candidate);
    else this.#installer.drop(candidate);
  }

  /** What ends at or before the commit index the core does not take: it answers how far it has committed. */
  #needless(from: number, { term, index, logTerm }: SnapshotOffer): void {
    const confState = coreConfState(this.#parts.state.membership!.confState);
    this.#offer(from, term, { data: Buffer.alloc(0), metadata: { index, term: logTerm, confState } });
  }

  #offer(from: number, term: number, snapshot: Snapshot): void {
    const { id, raft, schedule } = this.#parts;
    raft.step(message({ type: MessageType.MsgSnap, from, to: id, term, snapshot }));
    schedule();
  }
}
