import { expect, test } from '@jest/globals';
import { AcquireOutcome, type LockEvent, LockEventType } from '@aegis/proto/v1/lock';

import type { StateMachine } from '../../state/index.js';
import { type ClaimKey, Claims, type Settled } from './claims.js';
import { Watches } from './watches.js';

const KEY: ClaimKey = { kind: 'lock', name: 'l', lease: '1', claim: 1 };

/** As much of a state as claims and watches look at. */
function stateWith(token: number | undefined, appliedIndex: number): StateMachine {
  return {
    appliedIndex,
    claim: () => (token === undefined ? undefined : { token }),
    lock: (name: string) => ({ name }),
    leader: (election: string) => ({ election }),
  } as unknown as StateMachine;
}

test.each([
  ['granted meanwhile', 7, { outcome: AcquireOutcome.GRANTED, token: 7 }],
  ['gone meanwhile', undefined, { outcome: AcquireOutcome.UNSPECIFIED, error: expect.anything() }],
])('a queued claim that a snapshot shows as %s is settled', (_what, token, expected) => {
  const state = stateWith(0, 5);
  const claims = new Claims(state);
  const settled: Settled[] = [];
  claims.wait(KEY, (outcome) => settled.push(outcome));
  claims.stateReplaced();
  expect(settled).toEqual([]);
  Object.assign(state, stateWith(token, 9));
  claims.stateReplaced();
  claims.stateReplaced();
  expect(settled).toHaveLength(1);
  expect(settled[0]).toMatchObject(expected);
});

test('every watch begins anew with the state of the snapshot', () => {
  const state = stateWith(0, 5);
  const watches = new Watches(state);
  const locks: LockEvent[] = [];
  const leaders: number[] = [];
  watches.watchLock('l', (event) => locks.push(event));
  watches.observe('e', ({ index }) => leaders.push(index));
  Object.assign(state, { appliedIndex: 9 });
  watches.stateReplaced();
  expect(locks.map(({ type, index }) => [type, index])).toEqual([
    [LockEventType.STATE, 5],
    [LockEventType.STATE, 9],
  ]);
  expect(leaders).toEqual([5, 9]);
});
