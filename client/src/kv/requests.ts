import {
  KvSortOrder,
  KvSortTarget,
  type KvDeleteRangeRequest,
  type KvPutRequest,
  type KvRangeRequest,
} from '@aegis/proto/v1/kv';
import { checkLease } from '../lease/leases.js';
import { checkWhole, invalid } from '../lock/options.js';
import { bytesOf, checkRevision, keyOf, type Bytes } from './bytes.js';
import { rangeOf, type Selection } from './selection.js';

export interface ReadOptions {
  /** As the store was at this revision; as it is unless told. */
  readonly revision?: number;
  /** Answer from the state of whatever replica is asked, without a quorum: it may lag behind. */
  readonly stale?: boolean;
}

export interface RangeOptions extends ReadOptions {
  /** At most so many keys; all unless told. */
  readonly limit?: number;
  readonly keysOnly?: boolean;
  /** Bounds of the revisions at which a key was changed last, or came to be; inclusive. */
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
}

export interface PageOptions extends RangeOptions {
  readonly countOnly?: boolean;
  /** By key, ascending, unless told. */
  readonly sortBy?: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly order?: 'ascend' | 'descend';
}

export interface PutOptions {
  /** The lease with which the key ends, a decimal string; none unless told. */
  readonly lease?: string;
  /** Answer with the key as it was. */
  readonly prevKv?: boolean;
  /** Keep the value that the key has: `value` must be empty, and the key must exist. */
  readonly ignoreValue?: boolean;
  /** Keep the lease that the key has: it must exist. */
  readonly ignoreLease?: boolean;
}

export interface DeleteOptions {
  /** Answer with the keys as they were. */
  readonly prevKv?: boolean;
}

/** The most that a request may take with everything in it, so that its frame is not refused as a whole. */
const REQUEST_BYTES_MAX = 3 * 1024 * 1024;
const TARGETS = {
  key: KvSortTarget.KEY,
  version: KvSortTarget.VERSION,
  create: KvSortTarget.CREATE,
  mod: KvSortTarget.MOD,
  value: KvSortTarget.VALUE,
} as const;

export function rangeRequest(selection: Selection, options: PageOptions = {}): KvRangeRequest {
  const { key, rangeEnd } = rangeOf(selection);
  const { order } = options;
  return {
    key,
    rangeEnd,
    limit: options.limit === undefined ? 0 : checkWhole('limit', options.limit, 1, Number.MAX_SAFE_INTEGER),
    revision: checkRevision('revision', options.revision),
    sortOrder:
      order === undefined ? KvSortOrder.NONE : order === 'ascend' ? KvSortOrder.ASCEND : KvSortOrder.DESCEND,
    sortTarget: TARGETS[options.sortBy ?? 'key'],
    stale: options.stale ?? false,
    keysOnly: options.keysOnly ?? false,
    countOnly: options.countOnly ?? false,
    minModRevision: checkRevision('minModRevision', options.minModRevision, 0),
    maxModRevision: checkRevision('maxModRevision', options.maxModRevision, 0),
    minCreateRevision: checkRevision('minCreateRevision', options.minCreateRevision, 0),
    maxCreateRevision: checkRevision('maxCreateRevision', options.maxCreateRevision, 0),
  };
}

export function putRequest(key: Bytes, value: Bytes, options: PutOptions = {}): KvPutRequest {
  const bytes = bytesOf(value);
  if (options.ignoreValue === true && bytes.length > 0)
    throw invalid('ignoreValue: the value that is given with it must be empty');
  if (options.ignoreLease === true && options.lease !== undefined)
    throw invalid('ignoreLease: no lease may be given with it');
  const request = {
    key: keyOf(key),
    value: bytes,
    lease: options.lease === undefined ? '0' : checkLease(options.lease),
    prevKv: options.prevKv ?? false,
    ignoreValue: options.ignoreValue ?? false,
    ignoreLease: options.ignoreLease ?? false,
  };
  checkSize(request.key.length + request.value.length);
  return request;
}

export function deleteRequest(selection: Selection, options: DeleteOptions = {}): KvDeleteRangeRequest {
  return { ...rangeOf(selection), prevKv: options.prevKv ?? false };
}

/** @param bytes of the whole request, about */
export function checkSize(bytes: number): void {
  if (bytes > REQUEST_BYTES_MAX)
    throw invalid(`the request has ${bytes} bytes of keys and values, allowed are ${REQUEST_BYTES_MAX}`);
}
