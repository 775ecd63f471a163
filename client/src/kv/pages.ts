import type { KeyValue, KvRangeRequest, KvRangeResponse } from '@aegis/proto/v1/kv';
import type { AegisError } from '../errors/index.js';
import { keyAfter } from './selection.js';

/** Keys of a page: fewer when a page of so many would have more bytes than a replica reads at once. */
const PAGE_KEYS = 1_000;

/**
 * All keys of a range in their order, page by page, all as of the revision of the first page. Each page is asked for when
 * the one before is used up.
 */
export async function* pages(
  whole: KvRangeRequest,
  read: (request: KvRangeRequest) => Promise<KvRangeResponse>,
): AsyncGenerator<KeyValue, void, undefined> {
  let { key, revision } = whole;
  let left = whole.limit === 0 ? Infinity : whole.limit;
  let size = PAGE_KEYS;
  for (;;) {
    let page;
    try {
      page = await read({ ...whole, key, revision, limit: Math.min(left, size) });
    } catch (error) {
      if ((error as AegisError).code !== 'RANGE_TOO_LARGE' || size === 1) throw error;
      size = Math.ceil(Math.min(left, size) / 4);
      continue;
    }
    // What the first page has seen is what the later ones see.
    if (revision === 0) revision = page.revision;
    yield* page.kvs;
    left -= page.kvs.length;
    const last = page.kvs.at(-1);
    if (!page.more || left <= 0 || last === undefined) return;
    key = keyAfter(last.key);
  }
}
