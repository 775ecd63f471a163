import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvDeleteRangeRequest, KvPutRequest } from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import { presentBytes } from './range.js';
import type { KvStore } from './store.js';

/** Rows that one command may read for its answer. */
const READ_BYTES_MAX = 4 * 1024 * 1024;

const NO_END = Buffer.alloc(0);

export function checkReadBytes(bytes: number): ErrorMessage | undefined {
  return bytes <= READ_BYTES_MAX ? undefined : errorOf('RANGE_TOO_LARGE', { bytes, limit: READ_BYTES_MAX });
}

export function putReadBytes(kv: KvStore, { key, prevKv }: KvPutRequest): number {
  return prevKv ? presentBytes(kv, key, NO_END) : 0;
}

export function deleteReadBytes(kv: KvStore, { key, rangeEnd, prevKv }: KvDeleteRangeRequest): number {
  return prevKv ? presentBytes(kv, key, rangeEnd) : 0;
}
