import { type Key, keyOf } from './key.js';

/** The keys from `from` on and before `to`; without it, to the last there is. Empty when to ≤ from. */
export interface KeyRange {
  readonly from: Key;
  readonly to: Key | undefined;
}

/** As requests name it: an empty end for the one key, "\0" for no end. */
export function keyRangeOf(key: Uint8Array, end: Uint8Array): KeyRange {
  const from = keyOf(key);
  // Nothing sorts between a key and the same with a zero byte after it.
  if (end.length === 0) return { from, to: `${from}\0` };
  if (end.length === 1 && end[0] === 0) return { from, to: undefined };
  return { from, to: keyOf(end) };
}

export function holds({ from, to }: KeyRange, key: Key): boolean {
  return key >= from && (to === undefined || key < to);
}
