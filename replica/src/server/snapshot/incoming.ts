import { createHash } from 'node:crypto';
import type { SnapshotChunk, SnapshotEnd, SnapshotOffer } from '@aegis/proto/replica/peer';

import { crc32c } from '../../log/index.js';
import { isMetaRow, StateMachine, type StateStorage, type StorageRow } from '../../state/index.js';
import { readRows } from './rows-codec.js';
import type { StateFolders } from './state-folders.js';

/** What came in cannot be taken; the message says why. Nothing but its own folder was touched. */
export class SnapshotRefusal extends Error {
  override readonly name = 'SnapshotRefusal';
}

/** A snapshot that is coming in: a folder that is being filled. It outlives the connection, not the process. */
export class IncomingSnapshot {
  readonly offer: SnapshotOffer;
  readonly folder: string;
  readonly #folders: StateFolders;
  readonly #storage: StateStorage;
  readonly #digest = createHash('sha256');
  #next = 0;
  /** Written last: rows without it are no state. */
  #meta: StorageRow | undefined;

  private constructor(offer: SnapshotOffer, folder: string, folders: StateFolders, storage: StateStorage) {
    this.offer = offer;
    this.folder = folder;
    this.#folders = folders;
    this.#storage = storage;
  }

  static async begin(offer: SnapshotOffer, folder: string, folders: StateFolders): Promise<IncomingSnapshot> {
    try {
      return new IncomingSnapshot(offer, folder, folders, await folders.create(folder));
    } catch (error) {
      // A full disk: whoever tries again takes the next name, and nobody else would delete what there is of this one.
      await folders.remove(folder).catch(() => {});
      throw error;
    }
  }

  /** The chunk that has to come next. */
  get next(): number {
    return this.#next;
  }

  /** Takes the next chunk; one that came already is passed over. */
  async take({ number, rows, checksum }: SnapshotChunk): Promise<void> {
    if (number < this.#next) return;
    if (number > this.#next) throw new SnapshotRefusal(`chunk ${number} came where ${this.#next} was due`);
    const found = crc32c(rows);
    if (found !== checksum) {
      throw new SnapshotRefusal(`chunk ${number} is damaged: its checksum is ${found}, not ${checksum}`);
    }
    const writes: StorageRow[] = [];
    for (const row of readRows(rows)) {
      if (isMetaRow(row.key)) this.#meta = row;
      else writes.push(row);
    }
    await this.#storage.write(writes, { sync: false });
    this.#digest.update(rows);
    this.#next++;
  }

  /** All chunks have come: verifies them, makes them durable, and loads the state that they are. */
  async finish({ chunks, digest }: SnapshotEnd, clusterId: string): Promise<StateMachine> {
    if (chunks !== this.#next) throw new SnapshotRefusal(`${this.#next} chunks came, not ${chunks}`);
    if (!this.#digest.digest().equals(digest)) {
      throw new SnapshotRefusal('the digest of what came is not that of what was sent');
    }
    if (this.#meta === undefined) throw new SnapshotRefusal('it does not say at which index it was taken');
    await this.#storage.write([this.#meta], { sync: true });
    await this.#folders.sync(this.folder);
    const machine = await StateMachine.open(this.#storage).catch(asRefusal);
    this.#check(machine, clusterId);
    return machine;
  }

  /** Gives it up; its folder is gone when this resolves. */
  async discard(): Promise<void> {
    try {
      await this.#storage.close();
    } finally {
      await this.#folders.remove(this.folder);
    }
  }

  #check({ appliedIndex, appliedTerm, membership }: StateMachine, clusterId: string): void {
    const { index, logTerm } = this.offer;
    if (appliedIndex !== index || appliedTerm !== logTerm) {
      throw new SnapshotRefusal(
        `it holds ${appliedTerm}/${appliedIndex} and was offered as ${logTerm}/${index}`,
      );
    }
    if (membership?.clusterId !== clusterId) {
      throw new SnapshotRefusal(`it is of cluster ${membership?.clusterId}, and this one is ${clusterId}`);
    }
  }
}

/** Rows that are no state are the sender's fault; what has a code is the disk's. */
function asRefusal(error: unknown): never {
  if (!(error instanceof Error) || 'code' in error) throw error;
  throw new SnapshotRefusal(`its rows are no state: ${error.message}`);
}
