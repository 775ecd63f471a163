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
 * The revisions of one key before its last two, oldest first, as flat numbers.
 *
 * Invariant: they rise by (main, sub).
 */
export class EarlierRevisions {
  /** Main, sub, size by turns; the size is negative for a delete. */
  #numbers: number[] = [];
  /** Where the oldest is in the list. */
  #first = 0;

  get length(): number {
    return (this.#numbers.length - this.#first) / STRIDE;
  }

  push(main: number, sub: number, signedSize: number): void {
    this.#numbers.push(main, sub, signedSize);
  }

  /** There must be one. */
  shift(): RevisionAt {
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
    return revisionAt(this.#numbers[at]!, this.#numbers[at + 1]!, this.#numbers[at + 2]!);
  }

  /** The newest of at most a main revision. */
  asOf(main: number): RevisionAt | undefined {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#numbers[this.#first + middle * STRIDE]! <= main) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.at(low - 1);
  }
}

export function revisionAt(main: number, sub: number, signedSize: number): RevisionAt {
  return { main, sub, size: Math.abs(signedSize), deleted: signedSize < 0 };
}
