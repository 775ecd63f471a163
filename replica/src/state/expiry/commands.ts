import type { Expire, Result } from '@aegis/proto/replica/command';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import { endLease } from '../lease/end-lease.js';
import type { Lock } from '../lock/lock.js';
import { endDelay, removeClaim, runQueue } from '../lock/queue.js';
import type { Due, State } from '../state.js';

/**
 * The only thing that lets anything expire: leases, rests of locks and waits that are due, the earliest first, at most
 * `limit`. All removals come before the first grant, and nothing that is due is granted, removed already or not.
 */
export function expire(state: State, { upToMs, limit }: Expire): Result {
  const nowMs = state.clock.nowMs;
  if (upToMs > nowMs) return refused('up_to_ms', upToMs, `at most lease time, which is ${nowMs}`);
  if (limit < 1) return refused('limit', limit, 'at least 1');
  state.expiredUpToMs = Math.max(state.expiredUpToMs, upToMs);

  const ended = { lease: 0, wait: 0, delay: 0 };
  // A Set lists in the order of insertion, and that is the order of expiry: nothing of a restart shows in it.
  const touched = new Set<Lock>();
  for (let count = 0; count < limit; count++) {
    const due = state.deadlines.takeDue(upToMs)?.subject;
    if (due === undefined) break;
    ended[due.what]++;
    end(state, due, touched);
  }
  for (const lock of touched) runQueue(state, lock);

  const more = state.deadlines.hasDue(upToMs);
  const { lease: leases, wait: waits, delay: delays } = ended;
  return { result: { $case: 'expired', value: { leases, waits, delays, more } } };
}

function end(state: State, due: Due, touched: Set<Lock>): void {
  switch (due.what) {
    case 'lease':
      for (const lock of endLease(state, due)) touched.add(lock);
      return;
    case 'wait':
      removeClaim(state, due, 'waitEnded');
      touched.add(due.lock);
      return;
    case 'delay':
      endDelay(state, due);
      touched.add(due.lock);
  }
}

function refused(field: string, value: number, expected: string): Result {
  return failed(errorOf('INVALID_ARGUMENT', { field, value, expected }));
}
