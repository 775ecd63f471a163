import { assert } from '../assert.js';
import type { KeyHistory } from './key-history.js';

/** Taken places in front that are kept, at least, before the rest is moved to the front. */
const SLACK = 1024;

/**
 * Keys whose history holds something that a compaction may remove, once for each, with the compacted revision from
 * which on it may.
 *
 * Invariant: these revisions do not fall from one to the next.
 */
export class RemovalQueue {
  #from: number[] = [];
  #keys: KeyHistory[] = [];
  #first = 0;

  /** From which compacted revision on the head may be removed; Infinity when there is none. */
  get headFrom(): number {
    return this.#from[this.#first] ?? Infinity;
  }

  push(from: number, history: KeyHistory): void {
    assert(this.#from.length === 0 || this.#from.at(-1)! <= from, 'removals follow the order of revisions');
    this.#from.push(from);
    this.#keys.push(history);
  }

  shift(): KeyHistory {
    const head = this.#keys[this.#first];
    assert(head !== undefined, 'takes a removal that is not there');
    this.#first++;
    if (this.#first > SLACK && this.#first * 2 > this.#keys.length) {
      this.#from = this.#from.slice(this.#first);
      this.#keys = this.#keys.slice(this.#first);
      this.#first = 0;
    }
    return head;
  }
}
