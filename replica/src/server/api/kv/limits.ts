import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../../errors/index.js';

/** Keys and values of one request. The same as etcd's. */
export const KV_REQUEST_BYTES_MAX = 1.5 * 1024 * 1024;

/** Refuses what is too large to go through the log at once. */
export function checkSize(what: string, bytes: number): Failure | undefined {
  if (bytes <= KV_REQUEST_BYTES_MAX) return undefined;
  return errorOf('TOO_LARGE', { what, size: `${bytes} bytes`, limit: KV_REQUEST_BYTES_MAX });
}
