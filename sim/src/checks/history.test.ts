import type { Entry, StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { committed, reports } from './check-fixture.js';
import { History } from './history.js';

function lived() {
  const { report, broken } = reports();
  const history = new History(report, () => 0, []);
  const applied = (member: number, index: number, hash: string, term = 1): void => {
    const entry = { index, term, type: 0, data: Buffer.alloc(0) } as Entry;
    history.applied(member, term, entry, committed({}).applied, hash, {} as StateMachine);
  };
  return { history, applied, broken };
}

test('members that apply the same entries live one history, by the log or by a snapshot', () => {
  const { history, applied, broken } = lived();
  for (const member of [1, 2]) for (const index of [1, 2]) applied(member, index, `h${index}`);
  history.installed(3, 2, 'h2');
  expect(broken).toEqual([]);
});

test('another hash, another term, a gap and a snapshot of what nobody applied are seen', () => {
  const { history, applied, broken } = lived();
  applied(1, 1, 'h1');
  applied(2, 1, 'other');
  applied(2, 1, 'h1', 2);
  applied(2, 3, 'h3');
  history.installed(3, 1, 'other');
  history.installed(3, 5, 'h5');
  expect(broken).toEqual([
    'state machine safety',
    'state machine safety',
    'history',
    'state machine safety',
    'history',
  ]);
});
