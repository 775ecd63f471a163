import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import {
  type KvCompare,
  type KvDeleteRangeRequest,
  type KvPutRequest,
  type KvRangeRequest,
  KvSortOrder,
  KvSortTarget,
} from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import type { KvStore } from './store.js';

type Verdict = ErrorMessage | undefined;

export function checkRange({ key, sortOrder, sortTarget }: KvRangeRequest): Verdict {
  return (
    checkKey(key) ??
    checkNumber('sort_order', sortOrder, KvSortOrder.DESCEND) ??
    checkNumber('sort_target', sortTarget, KvSortTarget.VALUE)
  );
}

export function checkPut({ key, value, lease, ignoreValue, ignoreLease }: KvPutRequest): Verdict {
  const wrong = checkKey(key);
  if (wrong !== undefined) return wrong;
  if (ignoreValue && value.length > 0)
    return invalid('value', `${value.length} bytes`, 'empty with ignore_value');
  if (ignoreLease && lease !== '0') return invalid('lease', lease, '0 with ignore_lease');
  return undefined;
}

export function checkDelete({ key }: KvDeleteRangeRequest): Verdict {
  return checkKey(key);
}

export function checkCompare({ key, result }: KvCompare): Verdict {
  return checkKey(key) ?? checkNumber('result', result, 3);
}

/** Whether the store can still, or already, be read as of a revision. */
export function checkRevision(kv: KvStore, revision: number): Verdict {
  if (revision === 0) return undefined;
  if (revision > kv.revision) return errorOf('FUTURE_REVISION', { revision, newest: kv.revision });
  return revision < kv.compactedRevision ? compacted(kv, revision) : undefined;
}

export function compacted(kv: KvStore, revision: number): ErrorMessage {
  return errorOf('COMPACTED', { revision, compacted: kv.compactedRevision });
}

function checkKey(key: Uint8Array): Verdict {
  return key.length > 0 ? undefined : invalid('key', 'empty', 'at least one byte');
}

function checkNumber(field: string, value: number, max: number): Verdict {
  return value >= 0 && value <= max ? undefined : invalid(field, value, `one of 0 to ${max}`);
}

function invalid(field: string, value: string | number, expected: string): ErrorMessage {
  return errorOf('INVALID_ARGUMENT', { field, value, expected });
}
