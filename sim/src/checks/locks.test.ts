import type { StateEvent, StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { committed, reports } from './check-fixture.js';
import type { LeaseTimeCheck } from './lease-time.js';
import { EXCLUSIVE, LockCheck } from './locks.js';

const NAME = `${EXCLUSIVE}1`;

function locks(dueUpToMs = 0) {
  const { report, broken } = reports();
  const leases = { deadlineOf: (lease: string) => Number(lease) * 1000, dueUpToMs } as LeaseTimeCheck;
  const check = new LockCheck(report, leases);
  let token = 0;
  const happens = (type: StateEvent['type'], lease: number, over: Partial<StateEvent> = {}): void => {
    const event = { type, kind: 'lock', name: NAME, lease: String(lease), claim: '1', token: 0, ...over };
    if (type === 'granted' && over.token === undefined) Object.assign(event, { token: ++token });
    const { applied } = committed({});
    check.committed(committed({ applied: { ...applied, events: [event as unknown as StateEvent] } }));
  };
  return { check, happens, broken };
}

test('one holder after the other, in the order in which they came, is no violation', () => {
  const { happens, broken } = locks();
  happens('granted', 1);
  happens('queued', 2);
  happens('queued', 3);
  happens('released', 1);
  happens('granted', 2);
  happens('waitEnded', 3);
  expect(broken).toEqual([]);
});

test('a second holder, a token that does not grow and a second grant of one claim are seen', () => {
  const { happens, broken } = locks();
  happens('granted', 1);
  happens('granted', 2);
  happens('released', 1);
  happens('released', 2);
  happens('granted', 3, { token: 2 });
  happens('released', 3);
  happens('granted', 3);
  expect(broken).toContain('one holder');
  expect(broken).toContain('fencing tokens grow');
  expect(broken).toContain('at most once');
});

test('who is granted before those that came earlier is seen', () => {
  const { happens, broken } = locks();
  happens('granted', 1);
  happens('queued', 2);
  happens('queued', 3);
  happens('released', 1);
  happens('granted', 3);
  expect(broken).toEqual(['first come, first served']);
});

test('a grant to a lease that is due is seen', () => {
  const { happens, broken } = locks(2000);
  happens('granted', 3);
  happens('released', 3);
  expect(broken).toEqual([]);
  happens('granted', 2);
  expect(broken).toEqual(['no grant to a lease that is due']);
});

test('a grant while a client still believes to hold is seen', () => {
  const { check, happens, broken } = locks();
  happens('granted', 1);
  let believes = true;
  check.believed(`lock:${NAME}`, { token: 1, believes: () => believes });
  happens('leaseEnded', 1);
  happens('granted', 2);
  expect(broken).toEqual(['a holder stops believing first']);
  believes = false;
  happens('released', 2);
  happens('granted', 3);
  expect(broken).toHaveLength(1);
});

test('a state that holds something else than its events say is seen', () => {
  const { check, happens, broken } = locks();
  happens('granted', 1);
  const state = (...leases: string[]) =>
    ({
      lock: () => ({ holders: leases.map((lease) => ({ lease, claim: '1' })) }),
    }) as unknown as StateMachine;
  check.full(state('1'), 1);
  expect(broken).toEqual([]);
  check.full(state(), 1);
  expect(broken).toEqual(['holders follow from events']);
  check.full(state('1', '2'), 1);
  expect(broken).toContain('one holder');
});
