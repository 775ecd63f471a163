import type { StateFolders } from '../server/snapshot/state-folders.js';
import type { StateStorage } from '../state/index.js';
import type { EventQueue } from './event-queue.js';
import type { Random } from './random.js';
import { SimulatedStorage } from './simulated-storage.js';

interface Folder {
  readonly storage: SimulatedStorage;
  /** Its name survives a crash. */
  synced: boolean;
}

/** The state folders of one simulated disk: a crash takes names that were not synced, and may bring deleted ones back. */
export class SimulatedStateFolders {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #delay: () => Promise<void>;
  #folders = new Map<string, Folder>();
  /** Deleted since the last sync of the names. */
  #deleted = new Map<string, Folder>();
  #life = 0;

  /** `delay`: how long one write of rows takes; for ever, once the process is dead. */
  constructor(queue: EventQueue, random: Random, delay: () => Promise<void>) {
    this.#queue = queue;
    this.#random = random;
    this.#delay = delay;
  }

  names(): string[] {
    return [...this.#folders.keys()];
  }

  /** Of the rows of all folders. */
  get bytes(): number {
    let bytes = 0;
    for (const { storage } of this.#folders.values()) bytes += storage.bytes;
    return bytes;
  }

  /** Undefined: it is not there. */
  storage(name: string): SimulatedStorage | undefined {
    return this.#folders.get(name)?.storage;
  }

  /** For one life of a process: after a crash what it still asks never ends. */
  mount(): StateFolders {
    const life = this.#life;
    const after = async <T>(work: () => T): Promise<T> => {
      await this.#queue.delay(0.1 + this.#random.fraction());
      if (life !== this.#life) await new Promise<never>(() => {});
      return work();
    };
    return {
      create: (name) => after(() => this.create(name)),
      sync: (name) => after(() => this.#sync(name)),
      remove: (name) => after(() => this.#remove(name)),
    };
  }

  create(name: string): StateStorage {
    this.#remove(name);
    const storage = new SimulatedStorage(this.#random, this.#delay);
    this.#folders.set(name, { storage, synced: false });
    return storage;
  }

  killProcess(): void {
    this.#life++;
  }

  crash(): void {
    this.#life++;
    for (const [name, folder] of this.#deleted) {
      if (folder.synced && !this.#folders.has(name) && this.#random.chance(0.5))
        this.#folders.set(name, folder);
    }
    this.#deleted.clear();
    for (const [name, { storage, synced }] of this.#folders) {
      storage.crash();
      if (!synced && this.#random.chance(0.9)) this.#folders.delete(name);
    }
  }

  #sync(name: string): void {
    this.#folders.get(name)!.synced = true;
    this.#deleted.clear();
  }

  #remove(name: string): void {
    const folder = this.#folders.get(name);
    if (folder === undefined) return;
    this.#folders.delete(name);
    this.#deleted.set(name, folder);
  }
}
