import { type Error as ErrorMessage, ErrorCode } from '@aegis/proto/v1/error';
import type { KvChange } from '../change.js';
import type { StateMachine } from '../../machine.js';
import type { Op } from '../../testing/script.js';
import type {
  KvCompare,
  KvDeleteRangeRequest,
  KvOperation,
  KvPutRequest,
  KvRangeRequest,
  KvTxnRequest,
} from '@aegis/proto/v1/kv';
import type { Plain } from './kv-model.js';

const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');

export const rangeRequest = (
  key: string,
  rangeEnd = '',
  more: Partial<KvRangeRequest> = {},
): KvRangeRequest => ({
  key: bytes(key),
  rangeEnd: bytes(rangeEnd),
  limit: 0,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  stale: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
  ...more,
});
export const putRequest = (key: string, value: string, more: Partial<KvPutRequest> = {}): KvPutRequest => ({
  key: bytes(key),
  value: bytes(value),
  lease: '0',
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
  ...more,
});
export const deleteRequest = (key: string, rangeEnd = '', prevKv = false): KvDeleteRangeRequest => ({
  key: bytes(key),
  rangeEnd: bytes(rangeEnd),
  prevKv,
});
export const compareOf = (
  key: string,
  target: KvCompare['target'],
  result: KvCompare['result'] = 0,
  rangeEnd = '',
): KvCompare => ({ key: bytes(key), rangeEnd: bytes(rangeEnd), target, result });

/** An operation of a transaction. */
export const inside = {
  range: (...args: Parameters<typeof rangeRequest>): KvOperation => ({
    request: { $case: 'range', value: rangeRequest(...args) },
  }),
  put: (...args: Parameters<typeof putRequest>): KvOperation => ({
    request: { $case: 'put', value: putRequest(...args) },
  }),
  delete: (...args: Parameters<typeof deleteRequest>): KvOperation => ({
    request: { $case: 'deleteRange', value: deleteRequest(...args) },
  }),
  txn: (compare: KvCompare[], success: KvOperation[] = [], failure: KvOperation[] = []): KvOperation => ({
    request: { $case: 'txn', value: { compare, success, failure } },
  }),
};

/** Short forms of the commands. */
export const kvOp = {
  put: (...args: Parameters<typeof putRequest>): Op => ({ $case: 'kvPut', value: putRequest(...args) }),
  delete: (...args: Parameters<typeof deleteRequest>): Op => ({
    $case: 'kvDeleteRange',
    value: deleteRequest(...args),
  }),
  txn: (compare: KvTxnRequest['compare'], success: KvOperation[] = [], failure: KvOperation[] = []): Op => ({
    $case: 'kvTxn',
    value: { compare, success, failure },
  }),
  compact: (revision: number): Op => ({ $case: 'kvCompact', value: { revision, physical: false } }),
  quota: (quotaBytes: number): Op => ({ $case: 'setKvQuota', value: { quotaBytes } }),
};

/** Bytes as latin1, cases of unions left out, errors as their names. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('response' in value) return plain((value.response as { value: unknown }).value);
  if ('error' in value) return { error: nameOf(value.error as string | ErrorMessage) };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

function nameOf(error: string | ErrorMessage): string {
  if (typeof error === 'string') return error;
  return Object.entries(ErrorCode).find(([, code]) => code === error.code)![0];
}

export function eventsOf(machine: StateMachine, changes: readonly KvChange[]): Plain[] {
  return changes.map((change) => plain(machine.kvEvent(change, true)) as Plain);
}
