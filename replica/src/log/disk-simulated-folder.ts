import { LogError } from './errors.js';
import type { SimulatedInode } from './disk-simulated-inode.js';

type Names = Map<string, SimulatedInode>;
type NameChange = (names: Names) => void;

/** The names of a simulated disk: as reads see them, and as a crash leaves them. */
export class SimulatedFolder {
  #seen: Names = new Map();
  #durable: Names = new Map();
  /** Made since the last sync, in order. */
  #pending: NameChange[] = [];

  names(): string[] {
    return [...this.#seen.keys()].sort();
  }

  has(name: string): boolean {
    return this.#seen.has(name);
  }

  inode(name: string): SimulatedInode {
    const inode = this.#seen.get(name);
    if (!inode) throw new LogError('NOT_FOUND', { file: name });
    return inode;
  }

  usedBytes(): number {
    let bytes = 0;
    for (const inode of this.#seen.values()) bytes += inode.length;
    return bytes;
  }

  create(name: string, inode: SimulatedInode): void {
    this.#change((names) => names.set(name, inode));
  }

  rename(from: string, to: string): void {
    const inode = this.inode(from);
    this.#change((names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  remove(name: string): void {
    this.inode(name);
    this.#change((names) => names.delete(name));
  }

  /** Begins a sync; the returned function ends it. Changes made in between are not part of it. */
  beginSync(): () => void {
    const synced = [...this.#pending];
    return () => {
      for (const change of synced) change(this.#durable);
      this.#pending = this.#pending.filter((change) => !synced.includes(change));
    };
  }

  plant(name: string, inode: SimulatedInode | undefined): void {
    for (const names of [this.#seen, this.#durable]) {
      if (inode) names.set(name, inode);
      else names.delete(name);
    }
  }

  crash(random: () => number): void {
    for (const change of this.#pending) if (random() < 0.5) change(this.#durable);
    this.#pending = [];
    this.#seen = new Map(this.#durable);
    for (const inode of new Set(this.#seen.values())) inode.crash(random);
  }

  #change(change: NameChange): void {
    change(this.#seen);
    this.#pending.push(change);
  }
}
