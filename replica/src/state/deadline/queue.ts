import { assert } from '../assert.js';
import { type Deadline, isEarlier } from './deadline.js';
import { Heap } from './heap.js';

/** How much lease time a bucket spans. Only speed depends on it. */
const BUCKET_MS = 256;

/**
 * What comes due, in the order of `isEarlier`. Those far away wait in unsorted buckets; a bucket is sorted out when its
 * time comes. A deadline that was raised stays where it is until then, so a keepalive costs nothing here and each lease
 * moves at most once a TTL. In memory only: what it holds, and nothing of how it is laid out, shows outside.
 */
export class DeadlineQueue<Subject> {
  /** Those of buckets that were opened. May hold some that were removed: they are dropped when they come up. */
  readonly #soon = new Heap<Deadline<Subject>>(isEarlier);
  readonly #later = new Map<number, Deadline<Subject>[]>();
  /** Invariant: the numbers of #later, each once. */
  readonly #laterOrder = new Heap<number>((a, b) => a < b);
  /** Invariant: all in #later have numbers above it. */
  #opened = -1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(deadline: Deadline<Subject>): void {
    assert(!deadline.scheduled, 'schedules a deadline twice');
    deadline.scheduled = true;
    this.#size++;
    this.#place(deadline);
  }

  remove(deadline: Deadline<Subject>): void {
    assert(deadline.scheduled, 'removes a deadline that is not scheduled');
    deadline.scheduled = false;
    this.#size--;
    if (deadline.bucket < 0) return;
    const bucket = this.#later.get(deadline.bucket)!;
    const last = bucket.pop()!;
    if (last !== deadline) {
      bucket[deadline.place] = last;
      last.place = deadline.place;
    }
    deadline.bucket = -1;
  }

  /** Takes out the earliest that is due at `upToMs`. */
  takeDue(upToMs: number): Deadline<Subject> | undefined {
    const first = this.#firstDue(upToMs);
    if (first === undefined) return undefined;
    this.#soon.pop();
    first.scheduled = false;
    this.#size--;
    return first;
  }

  hasDue(upToMs: number): boolean {
    return this.#firstDue(upToMs) !== undefined;
  }

  /** How many are due at `upToMs`, which lease time must have reached. */
  countDue(upToMs: number): number {
    this.#open(upToMs);
    let count = 0;
    this.#soon.visit((deadline) => {
      if (deadline.keyMs > upToMs) return false;
      if (deadline.scheduled && deadline.atMs <= upToMs) count++;
      return true;
    });
    return count;
  }

  earliestMs(): number | undefined {
    const soon = this.#settledFirst();
    if (soon !== undefined) return soon.atMs;
    for (let number = this.#laterOrder.first; number !== undefined; number = this.#laterOrder.first) {
      this.#sortOut(number, false);
      const bucket = this.#later.get(number);
      if (bucket === undefined) continue;
      let earliest = Infinity;
      for (const { atMs } of bucket) if (atMs < earliest) earliest = atMs;
      return earliest;
    }
    return undefined;
  }

  #firstDue(upToMs: number): Deadline<Subject> | undefined {
    this.#open(upToMs);
    const first = this.#settledFirst();
    return first !== undefined && first.keyMs <= upToMs ? first : undefined;
  }

  /** The first of #soon after everything removed or raised before it is out of the way. */
  #settledFirst(): Deadline<Subject> | undefined {
    for (let first = this.#soon.first; first !== undefined; first = this.#soon.first) {
      if (first.scheduled && first.atMs === first.keyMs) return first;
      this.#soon.pop();
      if (first.scheduled) this.#place(first);
    }
    return undefined;
  }

  #open(upToMs: number): void {
    const bound = Math.floor(upToMs / BUCKET_MS);
    for (
      let number = this.#laterOrder.first;
      number !== undefined && number <= bound;
      number = this.#laterOrder.first
    )
      this.#sortOut(number, true);
    if (bound > this.#opened) this.#opened = bound;
  }

  /** Moves what was raised out of the first bucket, and with `open` the rest into #soon. */
  #sortOut(number: number, open: boolean): void {
    const bucket = this.#later.get(number)!;
    const rest: Deadline<Subject>[] = [];
    for (const deadline of bucket) {
      if (Math.floor(deadline.atMs / BUCKET_MS) !== number) this.#place(deadline);
      else if (open) this.#toSoon(deadline);
      else {
        deadline.place = rest.length;
        rest.push(deadline);
      }
    }
    if (rest.length > 0) {
      this.#later.set(number, rest);
      return;
    }
    this.#later.delete(number);
    const first = this.#laterOrder.pop();
    assert(first === number, 'sorts out the first bucket only');
  }

  #place(deadline: Deadline<Subject>): void {
    const number = Math.floor(deadline.atMs / BUCKET_MS);
    if (number <= this.#opened) {
      this.#toSoon(deadline);
      return;
    }
    deadline.keyMs = deadline.atMs;
    let bucket = this.#later.get(number);
    if (bucket === undefined) {
      bucket = [];
      this.#later.set(number, bucket);
      this.#laterOrder.push(number);
    }
    deadline.bucket = number;
    deadline.place = bucket.length;
    bucket.push(deadline);
  }

  #toSoon(deadline: Deadline<Subject>): void {
    deadline.keyMs = deadline.atMs;
    deadline.bucket = -1;
    this.#soon.push(deadline);
  }
}
