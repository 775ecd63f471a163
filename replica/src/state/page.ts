/**
 * The first `limit` in order, of what comes in any order: lists are rare and the maps that they list are not kept
 * sorted for them. Returns one more when there is more.
 */
export function firstInOrder<Item>(
  items: Iterable<Item>,
  limit: number,
  compare: (a: Item, b: Item) => number,
): { page: Item[]; more: boolean } {
  const room = 2 * (limit + 1);
  let kept: Item[] = [];
  let bound: Item | undefined;
  const cut = (): void => {
    kept.sort(compare);
    kept = kept.slice(0, limit + 1);
    if (kept.length > limit) bound = kept[limit];
  };
  for (const item of items) {
    if (bound !== undefined && compare(item, bound) >= 0) continue;
    if (kept.push(item) >= room) cut();
  }
  cut();
  return { page: kept.slice(0, limit), more: kept.length > limit };
}

/** At most this many items a page, which is also what 0 asks for. */
export const PAGE_MAX = 1000;

export function pageSize(limit: number): number {
  return limit === 0 ? PAGE_MAX : Math.min(limit, PAGE_MAX);
}
