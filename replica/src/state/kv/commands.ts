import type { Result, SetKvQuota } from '@aegis/proto/replica/command';
import type { KvCompactRequest, KvDeleteRangeRequest, KvPutRequest, KvTxnRequest } from '@aegis/proto/v1/kv';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import type { State } from '../state.js';
import { checkDelete, checkPut, compacted } from './check.js';
import { deleteRange } from './delete-range.js';
import { checkPutState, put } from './put.js';
import { checkRoom, costOfPut, costOfTxn } from './quota.js';
import { checkReadBytes, deleteReadBytes } from './read-limit.js';
import { checkTxn } from './txn-check.js';
import { checkWay, take, wayOf, wayReadBytes } from './txn.js';

export function kvPut(state: State, request: KvPutRequest): Result {
  const wrong = checkPut(request) ?? checkRoom(state, costOfPut(request)) ?? checkPutState(state, request);
  if (wrong !== undefined) return failed(wrong);
  state.kv.beginRevision();
  return { result: { $case: 'kvPut', value: put(state, request) } };
}

export function kvDeleteRange(state: State, request: KvDeleteRangeRequest): Result {
  const wrong = checkDelete(request) ?? checkReadBytes(deleteReadBytes(state.kv, request));
  if (wrong !== undefined) return failed(wrong);
  state.kv.beginRevision();
  return { result: { $case: 'kvDeleteRange', value: deleteRange(state, request) } };
}

export function kvTxn(state: State, request: KvTxnRequest): Result {
  const wrong = checkTxn(request) ?? checkRoom(state, costOfTxn(request));
  if (wrong !== undefined) return failed(wrong);
  const way = wayOf(state.kv, request);
  const impossible = checkWay(state, way) ?? checkReadBytes(wayReadBytes(state.kv, way));
  if (impossible !== undefined) return failed(impossible);
  state.kv.beginRevision();
  return { result: { $case: 'kvTxn', value: take(state, way) } };
}

/** Takes effect at once for whoever reads; what it gives up is removed little by little (`sweep`). */
export function kvCompact({ kv }: State, { revision }: KvCompactRequest): Result {
  if (revision > kv.revision) return failed(errorOf('FUTURE_REVISION', { revision, newest: kv.revision }));
  if (revision <= kv.compactedRevision) return failed(compacted(kv, revision));
  kv.compactedRevision = revision;
  kv.touch();
  return { result: { $case: 'kvCompact', value: { revision: kv.revision } } };
}

export function setKvQuota({ kv }: State, { quotaBytes }: SetKvQuota): Result {
  if (kv.quotaBytes !== quotaBytes) {
    kv.quotaBytes = quotaBytes;
    kv.touch();
  }
  return { result: { $case: 'done', value: {} } };
}
