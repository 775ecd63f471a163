import type { Entry } from '../raft/types.js';

/** What an entry costs in memory besides its data, roughly. */
const OVERHEAD_BYTES = 96;

/** The newest entries, kept in memory up to a budget of bytes. Older ones are read from disk. */
export class RecentEntries {
  readonly #bytesMax: number;
  /** Invariant: entries[head..] have consecutive indexes and end at the log's last entry. */
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The oldest index held; Infinity when none is. */
  get first(): number {
    return this.#entries[this.#head]?.index ?? Infinity;
  }

  append(entries: readonly Entry[]): void {
    this.truncateFrom(entries[0]!.index);
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#bytes += cost(entry);
    }
    while (this.#bytes > this.#bytesMax) this.#dropOldest();
    this.#giveBack();
  }

  truncateFrom(index: number): void {
    while (this.#entries.length > this.#head && this.#entries.at(-1)!.index >= index) {
      this.#bytes -= cost(this.#entries.pop()!);
    }
  }

  dropThrough(index: number): void {
    while (this.first <= index) this.#dropOldest();
    this.#giveBack();
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  /** Adds to `into` the entries lo..hi-1, all of which are held, until `take` declines one. */
  collect(lo: number, hi: number, into: Entry[], take: (entry: Entry) => boolean): void {
    const start = this.#head + (lo - this.first);
    for (let at = start; at < start + (hi - lo); at++) {
      const entry = this.#entries[at]!;
      if (!take(entry)) return;
      into.push(entry);
    }
  }

  #dropOldest(): void {
    this.#bytes -= cost(this.#entries[this.#head++]!);
  }

  /** Lets go of what was dropped once it is a quarter of the array, so that each entry moves few times. */
  #giveBack(): void {
    if (this.#head <= this.#entries.length / 4) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

function cost(entry: Entry): number {
  return entry.data.length + OVERHEAD_BYTES;
}
