import type { StateMachine, StateStorage } from '../../state/index.js';
import { assert } from '../../state/index.js';
import type { StateFolders } from './state-folders.js';

/** A whole, durable state in a folder of its own. */
export interface Candidate {
  readonly folder: string;
  readonly machine: StateMachine;
}

/**
 * Changes the state for one that came as a snapshot. The order is: the folder is durable, the core takes the snapshot, the log
 * names the folder, and only then is the state changed and the old folder deleted. A crash in between leaves folders
 * that the log does not name: the next start deletes them.
 */
export class Installer {
  readonly #state: StateMachine;
  readonly #folders: StateFolders;
  readonly #viewsClosed: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  /** Taken by the core and not yet named by the log, oldest first. */
  #candidates: Candidate[] = [];
  /** The folder of the state. */
  #current: string;
  #retiring: Promise<void> = Promise.resolve();

  constructor(
    state: StateMachine,
    folders: StateFolders,
    current: string,
    /** Resolves when the views that were opened while this replica led are closed. */
    viewsClosed: () => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#state = state;
    this.#folders = folders;
    this.#current = current;
    this.#viewsClosed = viewsClosed;
    this.#failed = failed;
  }

  /** The core has taken it. */
  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
  }

  /** The log names this folder: from here on the state is what it holds. */
  install(folder: string): void {
    const at = this.#candidates.findIndex((candidate) => candidate.folder === folder);
    assert(at >= 0, `the log names folder ${folder}, which no snapshot filled`);
    const overtaken = this.#candidates.slice(0, at);
    const { machine } = this.#candidates[at]!;
    this.#candidates = this.#candidates.slice(at + 1);
    const storage = this.#state.takeOver(machine);
    for (const candidate of overtaken) this.#retire(candidate.machine, candidate.folder);
    this.#retire(storage, this.#current);
    this.#current = folder;
  }

  /** Deletes a candidate that the core did not take. */
  drop({ machine, folder }: Candidate): void {
    this.#retire(machine, folder);
  }

  /** Closes what waits; its folders go with the next start. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    await this.#retiring;
    for (const { machine } of this.#candidates.splice(0)) await machine.close();
  }

  #retire(storage: Pick<StateStorage, 'close'>, folder: string): void {
    this.#retiring = this.#retiring
      .then(async () => {
        await this.#viewsClosed();
        await storage.close();
        await this.#folders.remove(folder);
      })
      .catch((error: unknown) => this.#failed(error));
  }
}
