import type { StateStorage } from '../../state/index.js';
import { RefusedStart } from '../exit.js';
import { isFullDisk } from '../space/full-disk.js';
import { StateReserve } from '../space/state-reserve.js';
import { FIRST_STATE_FOLDER } from '../snapshot/state-folders.js';
import type { DiskStateFolders } from './state-folders.js';

/** RocksDB names the file that another process, or this one, has locked. */
const LOCKED = /\/LOCK\b/;

/**
 * All state folders of a replica, opened and thereby locked: a running replica holds the lock of one of them at any time,
 * so this keeps a second process off before the log, which has no lock and tells which of them counts, is touched.
 */
export class OpenedStates {
  readonly #folders: DiskStateFolders;
  readonly #opened = new Map<string, StateStorage>();
  /** Why the others could not be opened: a crash leaves what was being filled or deleted. */
  readonly #broken = new Map<string, string>();

  private constructor(folders: DiskStateFolders) {
    this.#folders = folders;
  }

  static async open(folders: DiskStateFolders, dataPath: string): Promise<OpenedStates> {
    const states = new OpenedStates(folders);
    const reserve = new StateReserve(dataPath);
    const names = folders.names();
    let needed = false;
    for (const name of names.length === 0 ? [FIRST_STATE_FOLDER] : names) {
      try {
        const storage = await folders.open(name).catch((error: unknown) => {
          if (!isFullDisk(error) || !reserve.give()) throw error;
          needed = true;
          return folders.open(name);
        });
        states.#opened.set(name, storage);
      } catch (error) {
        const message = describe(error);
        if (LOCKED.test(message)) {
          await states.close();
          throw new RefusedStart(
            'busy',
            `${dataPath} is in use by another process (${message}). Stop that one first`,
          );
        }
        if (isFullDisk(error)) {
          await states.close();
          throw new RefusedStart(
            'internal',
            `${folders.path(name)}: the disk is full (${message}). Make room and start again: nothing is lost`,
          );
        }
        states.#broken.set(name, message);
      }
    }
    if (needed) await reserve.regain();
    else reserve.keep();
    return states;
  }

  /** Picks the one that counts; the others are closed and deleted. */
  async choose(name: string): Promise<StateStorage> {
    const chosen = this.#opened.get(name);
    if (chosen === undefined) {
      await this.close();
      throw new RefusedStart(
        'data',
        `${this.#folders.path(name)}: ${this.#broken.get(name) ?? 'it is gone'}. Replace this member with an empty folder`,
      );
    }
    this.#opened.delete(name);
    await this.close();
    for (const other of this.#folders.names()) if (other !== name) await this.#folders.remove(other);
    return chosen;
  }

  async close(): Promise<void> {
    for (const storage of this.#opened.values()) await storage.close();
    this.#opened.clear();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
