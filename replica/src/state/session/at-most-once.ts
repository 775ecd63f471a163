import { Result } from '@aegis/proto/replica/command';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { Call } from '@aegis/proto/v1/session';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import type { Lease } from '../lease/lease.js';
import { resultKey, writeNumber } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { State } from '../state.js';
import { type SessionResult, SessionTable } from './session-table.js';

/** How far a call may be ahead of the lowest unanswered one, and so how many results a session can hold. */
export const SESSION_WINDOW = 4096;

/** Bytes before the encoded Result in a row: the floor of the table when the call was made. */
const FLOOR_BYTES = 8;

/** A call that may be made, or the answer that it gets without being made. */
export type Admission = { readonly session: Lease } | { readonly answer: Result };

/** Whether a sequenced call is to be made. Asked inside apply, so that all replicas decide it alike. */
export function admit(state: State, call: Call): Admission {
  const { sequence, lowestUnanswered } = call;
  if (sequence < 1) {
    const details = { field: 'call.sequence', value: sequence, expected: 'at least 1' };
    return { answer: failed(errorOf('INVALID_ARGUMENT', details)) };
  }
  const lease = state.leases.get(call.lease);
  if (lease === undefined) return expired(call, 'the session has ended');
  if (lease.grantIndex !== call.grantIndex) return expired(call, 'that life of the lease has ended');
  const known = lease.session?.results.get(sequence);
  if (known !== undefined) return { answer: known.result };
  if (sequence < (lease.session?.floor ?? 0) || sequence < lowestUnanswered)
    return expired(call, 'the client said that it has its answer, and the result is forgotten');
  if (sequence - lowestUnanswered >= SESSION_WINDOW) {
    const details = { sequence, lease: lease.id, window: SESSION_WINDOW, lowest: lowestUnanswered };
    return { answer: failed(errorOf('SESSION_WINDOW', details)) };
  }
  const noRoom = checkResults(state, lease, lowestUnanswered);
  return noRoom === undefined ? { session: lease } : { answer: failed(noRoom) };
}

/**
 * Whether there is room for one more result, once those are forgotten that the call says its client has. How large it will be
 * shows only when the call was made, so the last one may go beyond.
 */
function checkResults(
  { limits, resultBytes }: State,
  { id: lease, session }: Lease,
  floor: number,
): ErrorMessage | undefined {
  const { sessionResultBytes: limit } = limits;
  const held = session?.bytes ?? 0;
  if (held < limit && resultBytes < limits.resultBytes) return undefined;
  const left = session?.bytesFrom(floor) ?? 0;
  if (left >= limit) return errorOf('SESSION_RESULTS', { lease, bytes: left, limit });
  if (resultBytes - (held - left) < limits.resultBytes) return undefined;
  return errorOf('OVERLOADED', {
    what: 'The memory for results of sessions',
    limit: `${limits.resultBytes} bytes`,
  });
}

/** Keeps the result of a call that was made, and forgets those that its client has. */
export function remember(state: State, lease: Lease, call: Call, result: Result, encoded: Uint8Array): void {
  const { sequence, lowestUnanswered } = call;
  const table = (lease.session ??= new SessionTable());
  for (const result of table.raiseFloor(lowestUnanswered)) forget(state, result);
  const value = new Uint8Array(FLOOR_BYTES + encoded.length);
  writeNumber(value, 0, table.floor);
  value.set(encoded, FLOOR_BYTES);
  const row = new Row(resultKey(lease.key, sequence), false);
  state.rows.put(row, value);
  noteResult(state, table, sequence, { result, row, bytes: value.length });
}

/** Takes a result into the table. The same when it is written and when a restart reads it. */
export function noteResult(state: State, table: SessionTable, sequence: number, result: SessionResult): void {
  table.add(sequence, result);
  state.sessionResults++;
  state.resultBytes += result.bytes;
}

function forget(state: State, { row, bytes }: SessionResult): void {
  state.rows.delete(row);
  state.sessionResults--;
  state.resultBytes -= bytes;
}

/** With the lease ends its session. */
export function forgetResults(state: State, lease: Lease): void {
  for (const result of lease.session?.inOrder() ?? []) forget(state, result);
}

/** What `remember` wrote, read back. */
export function readResult(value: Uint8Array): { floor: number; result: Result } {
  const view = new DataView(value.buffer, value.byteOffset, FLOOR_BYTES);
  return { floor: Number(view.getBigUint64(0)), result: Result.decode(value.subarray(FLOOR_BYTES)) };
}

function expired(call: Call, reason: string): Admission {
  const { sequence, lease } = call;
  return { answer: failed(errorOf('SESSION_EXPIRED', { sequence, lease, reason })) };
}
