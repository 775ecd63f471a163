import { LeaseRow } from '@aegis/proto/replica/state';
import type { State } from '../state.js';
import type { Lease } from './lease.js';

export function writeLease(state: State, lease: Lease): void {
  const { ttlMs, deadline, grantIndex } = lease;
  state.rows.put(lease.row, LeaseRow.encode({ ttlMs, deadlineMs: deadline.atMs, grantIndex }).finish());
}
