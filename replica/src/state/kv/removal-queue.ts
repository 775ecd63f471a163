import { assert } from '../assert.js';
import type { KeyNumber } from './key-page.js';

/** Entries of one part of the queue. */
const PART = 1024;

interface Part {
  readonly from: Float64Array;
  readonly keys: Uint32Array;
  next: Part | undefined;
}

/**
 * Keys whose history holds something that a compaction may remove, once for each, with the compacted revision from
 * which on it may. Millions of them may wait: numbers outside of the garbage collector's heap.
 *
 * Invariant: these revisions do not fall from one to the next.
 */
export class RemovalQueue {
  #head = newPart();
  #tail = this.#head;
  /** Places of the head that are taken, and of the tail that are filled. */
  #first = 0;
  #end = 0;
  #newest = 0;

  /** From which compacted revision on the head may be removed; Infinity when there is none. */
  get headFrom(): number {
    return this.#isEmpty ? Infinity : this.#head.from[this.#first]!;
  }

  push(from: number, key: KeyNumber): void {
    assert(this.#newest <= from, 'removals follow the order of revisions');
    this.#newest = from;
    if (this.#end === PART) {
      this.#tail = this.#tail.next = newPart();
      this.#end = 0;
    }
    this.#tail.from[this.#end] = from;
    this.#tail.keys[this.#end++] = key;
  }

  shift(): KeyNumber {
    assert(!this.#isEmpty, 'takes a removal that is not there');
    const key = this.#head.keys[this.#first++]!;
    if (this.#first === PART && this.#head.next !== undefined) {
      this.#head = this.#head.next;
      this.#first = 0;
    }
    return key;
  }

  get #isEmpty(): boolean {
    return this.#head === this.#tail && this.#first === this.#end;
  }
}

function newPart(): Part {
  return { from: new Float64Array(PART), keys: new Uint32Array(PART), next: undefined };
}
