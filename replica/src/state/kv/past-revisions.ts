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
 * The superseded revisions of one key, oldest first: flat numbers, because a store may hold millions of them.
 *
 * Invariant: they rise by (main, sub).
 */
export class PastRevisions {
  /** main, sub, size by turns; the size is negative for a delete. */
  #numbers: number[];
  #first = 0;

  constructor(main: number, sub: number, signedSize: number) {
    // Just as long as it has to be: most keys never get further.
    this.#numbers = [main, sub, signedSize];
  }

  get length(): number {
    return (this.#numbers.length - this.#first) / STRIDE;
  }

  push(main: number, sub: number, signedSize: number): void {
    this.#numbers.push(main, sub, signedSize);
  }

  /** Takes the oldest away. */
  shift(): RevisionAt {
    assert(this.length > 0, 'takes a revision that is not there');
    const oldest = this.at(0);
    this.#first += STRIDE;
    if (this.#first > SLACK && this.#first * 2 > this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#first);
      this.#first = 0;
    }
    return oldest;
  }

  at(place: number): RevisionAt {
    const at = this.#first + place * STRIDE;
    const size = this.#numbers[at + 2]!;
    return {
      main: this.#numbers[at]!,
      sub: this.#numbers[at + 1]!,
      size: Math.abs(size),
      deleted: size < 0,
    };
  }

  /** How many have a main revision of at most `main`. */
  countUpTo(main: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#numbers[this.#first + middle * STRIDE]! <= main) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
