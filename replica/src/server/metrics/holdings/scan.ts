/** So many keys are looked at in one turn of the event loop: some 0.2 ms. */
export const KEYS_PER_TURN = 4_000;

export interface Scan {
  readonly compare: (a: string, b: string) => number;
  /** Only keys behind it. */
  readonly after: string;
  readonly count: number;
  /** Comes back in a later turn. */
  readonly turn: () => Promise<void>;
}

/**
 * The first `count` keys behind `after`, in order, out of keys in any order. It looks at all of them, a few in each turn, so that very
 * many hold up nobody and no order has to be kept for whoever may ask. Keys may come and go meanwhile.
 */
export async function firstAfter(
  keys: Iterable<string>,
  { compare, after, count, turn }: Scan,
): Promise<string[]> {
  const first: string[] = [];
  let looked = 0;
  for (const key of keys) {
    if (++looked % KEYS_PER_TURN === 0) await turn();
    if (compare(key, after) <= 0) continue;
    if (first.length === count && compare(key, first[count - 1]!) > 0) continue;
    const place = placeOf(first, key, compare);
    // One that went and came back while others were looked at is met twice.
    if (first[place] === key) continue;
    first.splice(place, 0, key);
    if (first.length > count) first.pop();
  }
  return first;
}

function placeOf(sorted: readonly string[], key: string, compare: Scan['compare']): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
