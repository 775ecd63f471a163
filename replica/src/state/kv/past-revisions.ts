import { assert } from '../assert.js';

/** Numbers that one revision takes in the list. */
const STRIDE = 3;
/** Removed places in front that are kept, at least, before the rest is moved to the front. */
const SLACK = 32 * STRIDE;

/** A change of a key: where its row is, and what that takes. */
export interface RevisionAt {
  readonly main: number;
  readonly sub: number;
  /** Bytes of the row with its key. */
  readonly size: number;
  readonly deleted: boolean;
}

/**
 * The superseded revisions of one key, oldest first: flat numbers, because a store may hold millions of them. Most keys
 * have one only, which stands in fields: with a list it would be three objects for the garbage collector, not one.
 *
 * Invariant: they rise by (main, sub).
 */
export class PastRevisions {
  /** Of the oldest; the size is negative for a delete. */
  #main: number;
  #sub: number;
  #signedSize: number;
  /** The later ones: main, sub, size by turns. */
  #later: number[] | undefined = undefined;
  /** Where the first of them is in the list. */
  #first = 0;

  constructor(main: number, sub: number, signedSize: number) {
    this.#main = main;
    this.#sub = sub;
    this.#signedSize = signedSize;
  }

  get length(): number {
    return this.#later === undefined ? 1 : 1 + (this.#later.length - this.#first) / STRIDE;
  }

  push(main: number, sub: number, signedSize: number): void {
    if (this.#later === undefined) this.#later = [main, sub, signedSize];
    else this.#later.push(main, sub, signedSize);
  }

  /** The next one becomes the oldest. There must be one. */
  dropOldest(): void {
    const later = this.#later;
    assert(later !== undefined, 'the last past revision goes with its list');
    const at = this.#first;
    this.#main = later[at]!;
    this.#sub = later[at + 1]!;
    this.#signedSize = later[at + 2]!;
    this.#first += STRIDE;
    if (this.#first === later.length) {
      this.#later = undefined;
      this.#first = 0;
    } else if (this.#first > SLACK && this.#first * 2 > later.length) {
      this.#later = later.slice(this.#first);
      this.#first = 0;
    }
  }

  at(place: number): RevisionAt {
    if (place === 0) return revisionAt(this.#main, this.#sub, this.#signedSize);
    const later = this.#later!;
    const at = this.#first + (place - 1) * STRIDE;
    return revisionAt(later[at]!, later[at + 1]!, later[at + 2]!);
  }

  /** How many have a main revision of at most `main`. */
  countUpTo(main: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#mainAt(middle) <= main) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #mainAt(place: number): number {
    return place === 0 ? this.#main : this.#later![this.#first + (place - 1) * STRIDE]!;
  }
}

function revisionAt(main: number, sub: number, signedSize: number): RevisionAt {
  return { main, sub, size: Math.abs(signedSize), deleted: signedSize < 0 };
}
