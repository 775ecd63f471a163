import { LeaseRow } from '@aegis/proto/replica/state';
import { encoded } from '../rows/encode.js';
import type { State } from '../state.js';
import type { Lease } from './lease.js';

export function writeLease(state: State, lease: Lease): void {
  const { ttlMs, deadline, grantIndex } = lease;
  state.rows.put(lease.row, encoded(LeaseRow, { ttlMs, deadlineMs: deadline.atMs, grantIndex }));
}
