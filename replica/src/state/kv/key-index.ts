import { assert } from '../assert.js';
import type { Key } from './key.js';
import type { KeyHistory } from './key-history.js';
import type { KeyRange } from './key-range.js';

/** Keys in one block. A full one is cut in two. */
const BLOCK_MAX = 128;

/**
 * The keys in their order: a tree of two levels, blocks of keys under one list of the blocks' first keys. An insert
 * moves half a block, and every sixty-fourth half of the list, which has 16,000 places with a million keys.
 */
export class KeyIndex {
  /** Invariant: as many as blocks, rising; first[i] ≤ every key of block i < first[i + 1]. */
  #firsts: Key[] = [];
  /** Invariant: none is empty, and keys rise in each. */
  #blocks: KeyHistory[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Key): KeyHistory | undefined {
    const block = this.#blocks[this.#blockOf(key)];
    const found = block?.[placeIn(block, key)];
    return found?.key === key ? found : undefined;
  }

  add(history: KeyHistory): void {
    const { key } = history;
    this.#size++;
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([history]);
      this.#firsts.push(key);
      return;
    }
    const place = placeIn(block, key);
    assert(block[place]?.key !== key, 'a key is in the index once');
    if (place === block.length) block.push(history);
    else block.splice(place, 0, history);
    if (place === 0) this.#firsts[at] = key;
    if (block.length > BLOCK_MAX) this.#cut(at, block, place === block.length - 1);
  }

  remove({ key }: KeyHistory): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    const place = block === undefined ? 0 : placeIn(block, key);
    assert(block?.[place]?.key === key, 'removes a key that is not in the index');
    block.splice(place, 1);
    this.#size--;
    if (block.length > 0) return;
    this.#blocks.splice(at, 1);
    this.#firsts.splice(at, 1);
  }

  /** Shows the keys of a range in their order, deleted ones too, until `visit` says false. The index must not change meanwhile. */
  visit({ from, to }: KeyRange, visit: (history: KeyHistory) => boolean): void {
    let at = this.#blockOf(from);
    let place = at < this.#blocks.length ? placeIn(this.#blocks[at]!, from) : 0;
    for (; at < this.#blocks.length; at++, place = 0) {
      const block = this.#blocks[at]!;
      for (; place < block.length; place++) {
        const history = block[place]!;
        if (to !== undefined && history.key >= to) return;
        if (!visit(history)) return;
      }
    }
  }

  /** Keys that come in order leave full blocks behind them, others halves. */
  #cut(at: number, block: KeyHistory[], atEnd: boolean): void {
    const rest = block.splice(atEnd ? block.length - 1 : block.length >>> 1);
    this.#blocks.splice(at + 1, 0, rest);
    this.#firsts.splice(at + 1, 0, rest[0]!.key);
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
function placeIn(block: readonly KeyHistory[], key: Key): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (block[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
