import type { Disk } from './disk.js';
import { SimulatedFolder } from './disk-simulated-folder.js';
import { SimulatedInode } from './disk-simulated-inode.js';
import { mountSimulated } from './disk-simulated-mount.js';
import { LogError } from './errors.js';

export type DiskOperation =
  'create' | 'open' | 'write' | 'rename' | 'remove' | 'syncDirectory' | 'list' | 'read';

export interface SimulatedDiskOptions {
  /** Numbers of [0, 1) from the seed: decides what a crash keeps. */
  readonly random: () => number;
  /** Bytes that all files together may take. Default: no bound. */
  readonly capacityBytes?: number;
  /** Awaited before each asynchronous operation ends, for a clock of the simulated world. Default: at once. */
  readonly delay?: (operation: DiskOperation, name: string) => Promise<void>;
}

/**
 * The hardware: a disk in memory that loses what a real one may lose. It has a page cache, which reads see; a surface,
 * which alone survives `crash`; and a folder whose changes survive for certain only after `syncDirectory`. The same
 * seed gives the same losses. A process uses it through `mount()`.
 */
export class SimulatedDisk {
  readonly folder = new SimulatedFolder();
  capacityBytes: number;
  readonly #options: SimulatedDiskOptions;
  readonly #failures: DiskOperation[] = [];
  #life = 0;

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    this.capacityBytes = options.capacityBytes ?? Infinity;
  }

  get random(): () => number {
    return this.#options.random;
  }

  /** The disk for one life of a process: after `crash` or `killProcess`, what that life still asks never ends. */
  mount(): Disk {
    return mountSimulated(this, this.#life);
  }

  /** The next operation of this kind fails. A failed write reaches the cache, and any part of the surface. */
  failNext(operation: DiskOperation): void {
    this.#failures.push(operation);
  }

  /** No injected failure is left. */
  failNothing(): void {
    this.#failures.length = 0;
  }

  /** Power is lost: of what was not synced, any sectors and any changes of names survive. */
  crash(): void {
    this.killProcess();
    this.folder.crash(this.random);
  }

  /** The process dies, the machine lives on: the page cache stays. */
  killProcess(): void {
    this.#life++;
    this.#failures.length = 0;
  }

  /** Flips bits of one byte on the surface, and in the cache. */
  rot(name: string, offset: number, mask = 0xff): void {
    this.folder.inode(name).rot(offset, mask);
  }

  /** A copy of what reads see. */
  content(name: string): Buffer {
    return Buffer.from(this.folder.inode(name).content);
  }

  /** Puts a file there, durable, as a person with a shell could; undefined removes it. */
  plant(name: string, content: Uint8Array | undefined): void {
    this.folder.plant(name, content && new SimulatedInode(content));
  }

  names(): string[] {
    return this.folder.names();
  }

  /** Another disk of the same content, all of it durable. */
  copy(): SimulatedDisk {
    const copy = new SimulatedDisk({ ...this.#options, capacityBytes: this.capacityBytes });
    for (const name of this.names()) copy.plant(name, this.content(name));
    return copy;
  }

  /** For the mount: lets time pass, then ends the operation as its life and the injected failures say. */
  async pass(life: number, operation: DiskOperation, name: string): Promise<void> {
    if (life === this.#life) await this.#options.delay?.(operation, name);
    if (life !== this.#life) await new Promise<never>(() => {});
    const failure = this.#failures.indexOf(operation);
    if (failure < 0) return;
    this.#failures.splice(failure, 1);
    throw new LogError('IO_FAILED', { file: name, seen: `injected failure of ${operation}` });
  }

  isAlive(life: number): boolean {
    return life === this.#life;
  }
}
