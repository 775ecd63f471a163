/** A binary heap. */
export class Heap<Item> {
  readonly #items: Item[] = [];

  constructor(private readonly isEarlier: (a: Item, b: Item) => boolean) {}

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isEarlier(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.isEarlier(items[child + 1]!, items[child]!)) child++;
      if (!this.isEarlier(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }

  /** Visits, in no particular order, the items whose parents all satisfied `descend`, itself included. */
  visit(descend: (item: Item) => boolean): void {
    const stack = [0];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const item = this.#items[at];
      if (item !== undefined && descend(item)) stack.push(2 * at + 1, 2 * at + 2);
    }
  }
}
