/** Names that may gather before an order that nobody asks for is given up, besides as many as it holds. */
const IDLE_CHANGES = 10_000;

/**
 * A map that can be listed in order, page by page, without looking through all of it for each. The order is made when a
 * list first asks for it and costs `set` one push from then on; when nobody has asked for long it is forgotten. It is
 * for reads only: nothing that `apply` does may depend on it.
 */
export class ListedMap<Item> extends Map<string, Item> {
  /** In order, once each. Invariant: with `#added` it holds all keys of the map, and perhaps some that are gone. */
  #sorted: string[] | undefined;
  /** Since it was sorted, in any order; perhaps some that are gone or that come twice. */
  #added: string[] = [];
  /** Deleted since it was sorted. */
  #gone = 0;

  /** @param compare how keys sort */
  constructor(private readonly compare: (a: string, b: string) => number) {
    super();
  }

  override set(key: string, item: Item): this {
    if (this.#sorted !== undefined && !this.has(key)) {
      this.#added.push(key);
      if (this.#added.length > this.#sorted.length + IDLE_CHANGES) this.#forget();
    }
    return super.set(key, item);
  }

  override delete(key: string): boolean {
    const was = super.delete(key);
    if (was) this.#gone++;
    return was;
  }

  override clear(): void {
    this.#forget();
    super.clear();
  }

  /** In order, from `from` on, itself included. The map must not change meanwhile. */
  *from(from: string): Iterable<Item> {
    const sorted = this.#inOrder();
    for (let at = this.#placeOf(sorted, from); at < sorted.length; at++) {
      const key = sorted[at]!;
      const item = this.get(key);
      if (item !== undefined) yield item;
    }
  }

  #inOrder(): readonly string[] {
    if (this.#sorted === undefined) this.#sorted = [...this.keys()].sort(this.compare);
    else if (this.#added.length > 0 || this.#gone * 2 > this.#sorted.length)
      this.#sorted = this.#merged(this.#sorted);
    else return this.#sorted;
    this.#added = [];
    this.#gone = 0;
    return this.#sorted;
  }

  #merged(sorted: readonly string[]): string[] {
    const added = this.#added.sort(this.compare);
    const merged: string[] = [];
    const take = (key: string): void => {
      if (this.has(key) && merged.at(-1) !== key) merged.push(key);
    };
    let next = 0;
    for (const key of sorted) {
      while (next < added.length && this.compare(added[next]!, key) < 0) take(added[next++]!);
      take(key);
    }
    while (next < added.length) take(added[next++]!);
    return merged;
  }

  /** Of the first key that is not below `key`. */
  #placeOf(sorted: readonly string[], key: string): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(sorted[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forget(): void {
    this.#sorted = undefined;
    this.#added = [];
    this.#gone = 0;
  }
}

/** By UTF-16 code units. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Decimal numbers without leading zeros, of any size. */
export function byNumber(a: string, b: string): number {
  return a.length - b.length || byName(a, b);
}
