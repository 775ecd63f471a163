import assert from 'node:assert/strict';
import type { Entry } from '../raft/types.js';

/** Where a batch stands on disk. */
export interface BatchPlace {
  readonly segmentId: number;
  readonly offset: number;
  /** Header, body and padding. */
  readonly bytes: number;
}

/** The entries first..last of the log are those of the batch at this place. */
export interface EntryPlace extends BatchPlace {
  readonly first: number;
  /** Falls when a later batch replaces the batch's end. Invariant: last >= first. */
  last: number;
}

interface TermRun {
  readonly from: number;
  readonly term: number;
}

/** Which batch holds an entry, and of which term it is: a few numbers a batch, none an entry. */
export class EntryIndex {
  /** Invariant: ordered, without overlap; together they cover first..last, the earliest perhaps more. */
  #places: EntryPlace[] = [];
  /** Invariant: ordered by `from`; neighbours differ in term; the earliest covers `first`. */
  #terms: TermRun[] = [];
  #first = 1;
  /** Invariant: last >= first - 1. */
  #last = 0;

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  /** The oldest segment that holds an entry of the log, if any does. */
  get oldestSegmentId(): number | undefined {
    return this.#places[0]?.segmentId;
  }

  append(entries: readonly Entry[], place: BatchPlace): void {
    const first = entries[0]!.index;
    assert(first <= this.#last + 1, 'entries leave no gap in the log');
    if (first <= this.#last) this.truncateFrom(first);
    const last = first + entries.length - 1;
    const newest = this.#places.at(-1);
    if (newest && newest.segmentId === place.segmentId && newest.offset === place.offset) newest.last = last;
    else
      this.#places.push({
        segmentId: place.segmentId,
        offset: place.offset,
        bytes: place.bytes,
        first,
        last,
      });
    let term = this.#terms.at(-1)?.term;
    for (const entry of entries) {
      if (entry.term !== term) this.#terms.push({ from: entry.index, term: entry.term });
      term = entry.term;
    }
    this.#last = last;
  }

  truncateFrom(index: number): void {
    while (this.#places.length > 0 && this.#places.at(-1)!.first >= index) this.#places.pop();
    const newest = this.#places.at(-1);
    if (newest && newest.last >= index) newest.last = index - 1;
    while (this.#terms.length > 0 && this.#terms.at(-1)!.from >= index) this.#terms.pop();
    this.#last = index - 1;
    this.#first = Math.min(this.#first, index);
  }

  dropThrough(index: number): void {
    if (index >= this.#last) {
      this.restart(index);
      return;
    }
    if (index < this.#first) return;
    this.#first = index + 1;
    this.#places.splice(
      0,
      indexOfLastAtMost(this.#places, (place) => place.first, this.#first),
    );
    this.#terms.splice(
      0,
      indexOfLastAtMost(this.#terms, (run) => run.from, this.#first),
    );
  }

  /** Forgets everything: the next entry is index + 1. */
  restart(index: number): void {
    this.#places = [];
    this.#terms = [];
    this.#first = index + 1;
    this.#last = index;
  }

  /** The term of an entry that the index holds. */
  term(index: number): number {
    this.#assertHeld(index);
    return this.#terms[indexOfLastAtMost(this.#terms, (run) => run.from, index)]!.term;
  }

  place(index: number): Readonly<EntryPlace> {
    this.#assertHeld(index);
    const place = this.#places[indexOfLastAtMost(this.#places, (place) => place.first, index)]!;
    assert(index <= place.last, 'the index covers every entry');
    return place;
  }

  #assertHeld(index: number): void {
    assert(index >= this.#first && index <= this.#last, 'the index is asked for entries that it holds');
  }
}

/** The position of the last item whose key is at most `bound`, or 0: items are ordered by key. */
function indexOfLastAtMost<T>(items: readonly T[], key: (item: T) => number, bound: number): number {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (key(items[middle]!) <= bound) low = middle;
    else high = middle - 1;
  }
  return low;
}
