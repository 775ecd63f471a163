import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvPutRequest, KvPutResponse } from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import type { State } from '../state.js';
import { writePut } from './change.js';
import { keyOf } from './key.js';

/** Whether the state has what a put names. */
export function checkPutState(
  { kv, leases }: State,
  { key, lease, ignoreValue, ignoreLease }: KvPutRequest,
): ErrorMessage | undefined {
  if (lease !== '0' && !leases.has(lease)) return errorOf('LEASE_NOT_FOUND', { lease });
  if (!ignoreValue && !ignoreLease) return undefined;
  const exists = (kv.index.get(keyOf(key))?.version ?? 0) > 0;
  return exists ? undefined : errorOf('KEY_NOT_FOUND', {});
}

/** The request must have passed all checks. */
export function put({ kv, leases }: State, request: KvPutRequest): KvPutResponse {
  const history = kv.historyOf(keyOf(request.key));
  const needsOld = history.version > 0 && (request.prevKv || request.ignoreValue);
  const old = needsOld ? kv.values.read(history.newest).keyValue(history.main) : undefined;
  const value = request.ignoreValue ? old!.value : request.value;
  const lease = request.ignoreLease ? history.lease : leases.get(request.lease);
  writePut(kv, history, value, lease);
  return { revision: kv.revision, prevKv: request.prevKv ? old : undefined };
}
