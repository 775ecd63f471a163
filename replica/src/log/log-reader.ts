import { RaftError } from '../raft/errors.js';
import type { EntrySize } from '../raft/entry-size.js';
import type { Entry } from '../raft/types.js';
import { ColdReader } from './cold-reader.js';
import type { LogContents } from './log-contents.js';
import type { Segment } from './segment.js';

/** How to reach an open segment. */
export type Locate = (segmentId: number) => {
  readonly segment: Segment;
  readonly salt: bigint;
  readonly file: string;
};

/** The reads that the core makes in the middle of a step: at once, from memory if recent, else from disk. */
export class LogReader {
  readonly #contents: LogContents;
  readonly #entrySize: EntrySize;
  readonly #locate: Locate;
  readonly #cold = new ColdReader();

  constructor(contents: LogContents, entrySize: EntrySize, locate: Locate) {
    this.#contents = contents;
    this.#entrySize = entrySize;
    this.#locate = locate;
  }

  term(index: number): number {
    const { truncation, index: places } = this.#contents;
    if (index === truncation.index) return truncation.term;
    this.#assertWithin(index, index + 1);
    return places.term(index);
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    this.#assertWithin(lo, hi);
    const found: Entry[] = [];
    let bytes = 0;
    const take = (entry: Entry): boolean => {
      bytes += this.#entrySize(entry);
      return bytes <= maxBytes || found.length === 0;
    };
    const { recent } = this.#contents;
    let next = lo;
    while (next < hi && next < recent.first) next = this.#collectCold(next, hi, found, take);
    if (next < hi) recent.collect(next, hi, found, take);
    return found;
  }

  /** Adds what one batch on disk holds from `lo` on; returns where to go on, which is `hi` if `take` declined. */
  #collectCold(lo: number, hi: number, into: Entry[], take: (entry: Entry) => boolean): number {
    const place = this.#contents.index.place(lo);
    const { segment, salt, file } = this.#locate(place.segmentId);
    const entries = this.#cold.read(place, segment, { salt, segmentId: segment.id, file });
    const end = Math.min(hi, place.last + 1);
    const start = lo - entries[0]!.index;
    for (const entry of entries.slice(start, start + (end - lo))) {
      if (!take(entry)) return hi;
      into.push(entry);
    }
    return end;
  }

  #assertWithin(lo: number, hi: number): void {
    const { truncation, index } = this.#contents;
    if (lo <= truncation.index) throw new RaftError('COMPACTED');
    if (hi > index.last + 1) throw new RaftError('UNAVAILABLE');
  }
}
