import { LockMode } from '@aegis/proto/v1/lock';
import type { Operation } from '@aegis/proto/v1/session';

import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { checkDelete, checkPut, checkRange, checkTxn, txnBytes } from '../../state/index.js';
import { checkSize } from './kv/limits.js';

export type Request = NonNullable<Operation['request']>;

export const LIMITS = {
  frameBytes: 4 * 1024 * 1024,
  frameOperations: 10_000,
  nameBytes: 1024,
  electionValueBytes: 64 * 1024,
  keepAliveLeases: 10_000,
  listPage: 1000,
  permits: 1_000_000,
  lockDelayMs: 600_000,
  waitMs: 30 * 24 * 3600 * 1000,
} as const;

/** What is wrong with a request that needs no state to be judged; undefined when nothing is. */
export function judge(request: Request | undefined): Failure | undefined {
  switch (request?.$case) {
    case 'leaseKeepAlive':
      return request.value.leases.length > LIMITS.keepAliveLeases
        ? errorOf('TOO_LARGE', {
            what: 'leases',
            size: request.value.leases.length,
            limit: LIMITS.keepAliveLeases,
          })
        : undefined;
    case 'leaseRevoke':
    case 'leaseTimeToLive':
      return lease(request.value.lease);
    case 'lockAcquire': {
      const { name, mode, permits, waitMs, lockDelayMs } = request.value;
      return (
        named('name', name) ??
        lease(request.value.lease) ??
        wait(waitMs) ??
        permitted(mode, permits) ??
        within('lock_delay_ms', lockDelayMs, 0, LIMITS.lockDelayMs)
      );
    }
    case 'lockRelease':
      return named('name', request.value.name) ?? lease(request.value.lease);
    case 'lockDescribe':
    case 'lockWatch':
      return named('name', request.value.name);
    case 'lockList':
      return bytes('prefix', Buffer.byteLength(request.value.prefix), LIMITS.nameBytes);
    case 'campaign':
      return (
        named('election', request.value.election) ??
        lease(request.value.lease) ??
        wait(request.value.waitMs) ??
        bytes('value', request.value.value.length, LIMITS.electionValueBytes)
      );
    case 'proclaim':
      return (
        named('election', request.value.election) ??
        lease(request.value.lease) ??
        bytes('value', request.value.value.length, LIMITS.electionValueBytes)
      );
    case 'resign':
      return named('election', request.value.election) ?? lease(request.value.lease);
    case 'leader':
    case 'observe':
      return named('election', request.value.election);
    case 'kvRange':
      return checkRange(request.value);
    case 'kvPut': {
      const { key, value } = request.value;
      return checkPut(request.value) ?? checkSize('The put', key.length + value.length);
    }
    case 'kvDeleteRange':
      return checkDelete(request.value);
    case 'kvTxn':
      return checkTxn(request.value) ?? checkSize('The transaction', txnBytes(request.value));
    case 'kvCompact':
    case 'kvWatch':
      return undefined;
    // The bounds of TTLs are replicated settings: apply holds it against them.
    case 'leaseGrant':
    case 'leaseList':
    case 'unwatch':
    case 'ping':
      return undefined;
    default:
      return errorOf('INVALID_ARGUMENT', {
        field: 'request',
        value: 'absent',
        expected: 'an operation that this version knows',
      });
  }
}

function named(field: string, name: string): Failure | undefined {
  if (name.length === 0) return invalid(field, 'empty', `1 to ${LIMITS.nameBytes} bytes`);
  return bytes(field, Buffer.byteLength(name), LIMITS.nameBytes);
}

function bytes(field: string, length: number, max: number): Failure | undefined {
  return length > max
    ? errorOf('TOO_LARGE', { what: field, size: `${length} bytes`, limit: max })
    : undefined;
}

function lease(id: string): Failure | undefined {
  return id === '0' ? invalid('lease', 0, 'the id of a lease that was granted first') : undefined;
}

function invalid(field: string, value: string | number, expected: string): Failure {
  return errorOf('INVALID_ARGUMENT', { field, value, expected });
}

function within(field: string, value: number, min: number, max: number): Failure | undefined {
  return value < min || value > max ? invalid(field, value, `${min} to ${max}`) : undefined;
}

function wait(waitMs: number): Failure | undefined {
  return within('wait_ms', waitMs, -1, LIMITS.waitMs);
}

function permitted(mode: LockMode, permits: number): Failure | undefined {
  if (mode === LockMode.SEMAPHORE) return within('permits', permits, 1, LIMITS.permits);
  return permits === 0 ? undefined : invalid('permits', permits, '0, because only a semaphore has permits');
}
