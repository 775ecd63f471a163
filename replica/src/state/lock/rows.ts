import { ClaimRow, DelayRow } from '@aegis/proto/replica/state';
import { encoded } from '../rows/encode.js';
import type { State } from '../state.js';
import type { Claim } from './claim.js';
import type { Delay } from './delay.js';

export function writeClaim(state: State, claim: Claim): void {
  const { lock, lease, token, deadline, terms, value } = claim;
  const row: ClaimRow = {
    election: lock.kind === 'election',
    name: lock.name,
    lease: lease.id,
    claim: claim.claim,
    mode: terms.mode,
    permits: terms.permits,
    token,
    waitDeadlineMs: deadline?.atMs ?? 0,
    lockDelayMs: terms.lockDelayMs,
    value,
  };
  state.rows.put(claim.row, encoded(ClaimRow, row));
}

export function writeDelay(state: State, delay: Delay): void {
  const { lock, deadline } = delay;
  const row: DelayRow = { election: lock.kind === 'election', name: lock.name, deadlineMs: deadline.atMs };
  state.rows.put(delay.row, encoded(DelayRow, row));
}
