/** At most this many items a page, which is also what 0 asks for. */
export const PAGE_MAX = 1000;

export function pageSize(limit: number): number {
  return limit === 0 ? PAGE_MAX : Math.min(limit, PAGE_MAX);
}

/** The first `limit` of what comes in order, and whether there is more. */
export function firstOf<Item>(items: Iterable<Item>, limit: number): { page: Item[]; more: boolean } {
  const page: Item[] = [];
  for (const item of items) {
    if (page.length === limit) return { page, more: true };
    page.push(item);
  }
  return { page, more: false };
}
