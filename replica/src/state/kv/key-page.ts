import { assert } from '../assert.js';
import type { Lease } from '../lease/lease.js';
import type { EarlierRevisions } from './earlier-revisions.js';
import type { Key } from './key.js';

/** Numbers in one page. */
const PAGE = 4096;

/** A key, for as long as memory holds anything of it; then another key may have the number. */
export type KeyNumber = number;

/**
 * What memory holds of some keys, a place for each: numbers in flat columns outside of the garbage collector's heap,
 * because a store may hold millions of keys, and an object for each costs three times the memory and is looked at by
 * every collection. The fields are described in `KeyHistory`, which reads and writes them.
 */
export class KeyPage {
  readonly keys: Key[] = [];
  readonly main = new Float64Array(PAGE);
  readonly sub = new Uint32Array(PAGE);
  readonly signedSize = new Int32Array(PAGE);
  readonly created = new Float64Array(PAGE);
  readonly version = new Float64Array(PAGE);
  readonly previousMain = new Float64Array(PAGE);
  readonly previousSub = new Uint32Array(PAGE);
  readonly previousSignedSize = new Int32Array(PAGE);
  /** Most pages have neither. */
  leases: (Lease | undefined)[] | undefined = undefined;
  earlier: (EarlierRevisions | undefined)[] | undefined = undefined;

  /** `first` is the number of its first place. */
  constructor(readonly first: KeyNumber) {}

  clear(place: number): void {
    const { main, sub, signedSize, created, version, previousMain, previousSub, previousSignedSize } = this;
    this.keys[place] = '';
    for (const column of [main, sub, signedSize, created, version]) column[place] = 0;
    for (const column of [previousMain, previousSub, previousSignedSize]) column[place] = 0;
    if (this.leases !== undefined) this.leases[place] = undefined;
    if (this.earlier !== undefined) this.earlier[place] = undefined;
  }
}

/** Gives keys their numbers, and pages room for them. Which number a key has depends on what was there before it: nothing may follow from it. */
export class KeyPages {
  readonly #pages: KeyPage[] = [];
  readonly #free: KeyNumber[] = [];
  /** The lowest number that no key has had. */
  #next: KeyNumber = 0;

  add(key: Key): KeyNumber {
    const number = this.#free.pop() ?? this.#next++;
    const at = Math.floor(number / PAGE);
    if (at === this.#pages.length) this.#pages.push(new KeyPage(at * PAGE));
    this.#pages[at]!.keys[number % PAGE] = key;
    return number;
  }

  /** The number must be some key's. */
  pageOf(number: KeyNumber): KeyPage {
    assert(number < this.#next, 'a key that was never numbered');
    return this.#pages[Math.floor(number / PAGE)]!;
  }

  remove(number: KeyNumber): void {
    this.pageOf(number).clear(number % PAGE);
    this.#free.push(number);
  }
}
