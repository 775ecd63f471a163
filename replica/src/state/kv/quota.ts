import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { KvOperation, KvPutRequest, KvTxnRequest } from '@aegis/proto/v1/kv';
import { errorOf } from '../../errors/index.js';
import { checkGrowth } from '../alarms/growth.js';
import type { State } from '../state.js';
import type { KvStore } from './store.js';
import { rowSize } from './value-row.js';

/** Whether there is room for so many bytes more; if the quota forbids it, the alarm is raised. Nothing that only deletes or compacts asks. */
export function checkRoom(state: State, more: number): ErrorMessage | undefined {
  if (more === 0) return undefined;
  const { kv } = state;
  const { bytes, quotaBytes } = kv;
  const noRoom = checkGrowth(state);
  if (noRoom !== undefined) return noRoom;
  if (quotaBytes === 0 || bytes + more <= quotaBytes) return undefined;
  kv.quotaAlarm = true;
  kv.touch();
  return errorOf('QUOTA_EXCEEDED', { bytes, quota: quotaBytes });
}

/** The alarm goes once a twentieth of the quota is free, so that it does not come and go with every key. */
export function isWithinQuota({ bytes, quotaBytes }: KvStore): boolean {
  return quotaBytes === 0 || bytes <= quotaBytes - Math.floor(quotaBytes / 20);
}

export function costOfPut({ key, value }: KvPutRequest): number {
  return rowSize(key.length, value.length);
}

/** Of its costlier way: which one it goes must not decide whether it may. */
export function costOfTxn({ success, failure }: KvTxnRequest): number {
  return Math.max(costOf(success), costOf(failure));
}

function costOf(operations: readonly KvOperation[]): number {
  return operations.reduce((sum, { request }) => {
    if (request?.$case === 'put') return sum + costOfPut(request.value);
    return request?.$case === 'txn' ? sum + costOfTxn(request.value) : sum;
  }, 0);
}
