import { assert } from '../assert.js';
import type { Key } from './key.js';
import { KeyHistory } from './key-history.js';
import { type KeyNumber, KeyPages } from './key-page.js';
import type { KeyRange } from './key-range.js';

/** Keys in one block. A full one is cut in two. */
const BLOCK_MAX = 128;

/** A map grows by copying itself: with so many of them, none is large enough for that to hold up the event loop. */
const SHARDS = 256;

/** Invariants: not empty; keys rise; numbers[i] is the number of keys[i]. */
interface Block {
  /** On their own, so that a search has one thing less to fetch from memory at each step. */
  readonly keys: Key[];
  readonly numbers: KeyNumber[];
}

/**
 * The keys in their order: a tree of two levels, blocks of keys under one list of the blocks' first keys. An insert
 * moves half a block, and every sixty-fourth half of the list, which has 16,000 places with a million keys.
 */
export class KeyIndex {
  /** Invariant: as many as blocks, rising; first[i] ≤ every key of block i < first[i + 1]. */
  #firsts: Key[] = [];
  #blocks: Block[] = [];
  #size = 0;
  readonly #pages = new KeyPages();
  /** The same keys without an order: one look-up costs a third of the search's trips to memory. */
  readonly #byKey = Array.from({ length: SHARDS }, () => new Map<Key, KeyNumber>());

  get size(): number {
    return this.#size;
  }

  get(key: Key): KeyHistory | undefined {
    const number = shardOf(this.#byKey, key).get(key);
    return number === undefined ? undefined : this.at(number);
  }

  /** The key must be in the index. */
  at(number: KeyNumber): KeyHistory {
    return new KeyHistory(this.#pages.pageOf(number), number);
  }

  /** The key must not be in the index. */
  add(key: Key): KeyHistory {
    const shard = shardOf(this.#byKey, key);
    assert(!shard.has(key), 'a key is in the index once');
    const number = this.#pages.add(key);
    shard.set(key, number);
    this.#size++;
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push({ keys: [key], numbers: [number] });
      this.#firsts.push(key);
      return this.at(number);
    }
    const { keys, numbers } = block;
    const place = placeIn(block, key);
    keys.splice(place, 0, key);
    numbers.splice(place, 0, number);
    if (place === 0) this.#firsts[at] = key;
    if (keys.length > BLOCK_MAX) this.#cut(at, block, place === keys.length - 1);
    return this.at(number);
  }

  /** What is known of its key is gone with it, and its number may become another key's. */
  remove({ key, number }: KeyHistory): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    const place = block === undefined ? -1 : placeIn(block, key);
    assert(block !== undefined && block.keys[place] === key, 'removes a key that is not in the index');
    block.keys.splice(place, 1);
    block.numbers.splice(place, 1);
    this.#size--;
    shardOf(this.#byKey, key).delete(key);
    this.#pages.remove(number);
    if (block.keys.length > 0) return;
    this.#blocks.splice(at, 1);
    this.#firsts.splice(at, 1);
  }

  /** Shows the keys of a range in their order, deleted ones too, until `visit` says false. The index must not change meanwhile. */
  visit({ from, to }: KeyRange, visit: (history: KeyHistory) => boolean): void {
    let at = this.#blockOf(from);
    let place = at < this.#blocks.length ? placeIn(this.#blocks[at]!, from) : 0;
    for (; at < this.#blocks.length; at++, place = 0) {
      const { keys, numbers } = this.#blocks[at]!;
      for (; place < keys.length; place++) {
        if (to !== undefined && keys[place]! >= to) return;
        if (!visit(this.at(numbers[place]!))) return;
      }
    }
  }

  /** Keys that come in order leave full blocks behind them, others halves. */
  #cut(at: number, { keys, numbers }: Block, atEnd: boolean): void {
    const from = atEnd ? keys.length - 1 : keys.length >>> 1;
    const rest = { keys: keys.splice(from), numbers: numbers.splice(from) };
    this.#blocks.splice(at + 1, 0, rest);
    this.#firsts.splice(at + 1, 0, rest.keys[0]!);
  }

  /** The block in which a key is, if it is anywhere. */
  #blockOf(key: Key): number {
    const firsts = this.#firsts;
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** The place of the first key in a block that is not below `key`. */
function placeIn({ keys }: Block, key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function shardOf(shards: readonly Map<Key, KeyNumber>[], key: Key): Map<Key, KeyNumber> {
  const { length } = key;
  const last = key.charCodeAt(length - 1) | 0;
  const before = key.charCodeAt(length - 2) | 0;
  return shards[(last * 31 + before) & (SHARDS - 1)]!;
}
