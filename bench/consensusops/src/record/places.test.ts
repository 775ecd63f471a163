import { expect, test } from '@jest/globals';
import { readTrace, type Trace } from '@aegis/client/chaos';
import { causeOf, timesOf } from './places.js';
import { demandOf } from './record-run.js';
import { eventsOf } from '../schedule/index.js';

const NAMES = new Map([1, 2, 3, 4, 5].map((id) => [id, `name-${id}`]));

function trace(faults: string): Trace {
  return readTrace(
    `name: a\nabout: a\nduration: 60s\nroles: { one: follower, two: follower }\nfaults: [${faults}]\n` +
      'load: [{ kind: mix, clients: 40, perSecond: 40 }, { kind: puts, clients: 10, valueBytes: 500000, at: 30s, for: 10s }]',
    'test',
  );
}

const roles = { one: 2, two: 3 };
const begin = (fault: number, kind: string, members: number[], atMs = 15_010) => ({
  atMs,
  what: 'begin' as const,
  fault,
  kind,
  members,
});

test.each([
  ['{ kind: fsync, on: one, at: 15s, slowMs: 80 }', [2], [{ replica: 'name-2' }]],
  ['{ kind: kill, on: leader, at: 15s }', [4], [{ replica: 'name-4' }]],
  [
    '{ kind: link, from: one, to: others, both: true, at: 15s, cut: true }',
    [2, 1, 4, 5],
    [{ replica: 'name-2' }],
  ],
  ['{ kind: link, from: others, to: one, at: 15s, cut: true }', [1, 4, 5], [{ replica: 'name-2' }]],
  ['{ kind: link, from: one, to: two, at: 15s, cut: true }', [2], [{ from: 'name-2', to: 'name-3' }]],
  [
    '{ kind: link, from: one, to: two, both: true, at: 15s, cut: true }',
    [2, 3],
    [
      { from: 'name-2', to: 'name-3' },
      { from: 'name-3', to: 'name-2' },
    ],
  ],
  ['{ kind: link, from: all, to: all, at: 15s, cut: true }', [1, 2, 3, 4, 5], ['network']],
])('%s', (fault, members, at) => {
  const cause = causeOf(trace(fault), { roles, done: [begin(0, 'any', members)] }, NAMES);
  expect(cause?.at).toEqual(at);
});

test('leaders that die in a row are each a place of it; what was not done is none', () => {
  const twice = trace('{ kind: kill, on: leader, at: 15s }, { kind: kill, on: leader, at: 20s }');
  const done = [begin(0, 'kill', [1]), begin(1, 'kill', [5], 20_000)];
  expect(causeOf(twice, { roles, done }, NAMES)).toEqual({
    fault: 'killed',
    at: [{ replica: 'name-1' }, { replica: 'name-5' }],
  });
  const failed = [{ ...done[0]!, error: 'it does not run' }];
  expect(causeOf(twice, { roles, done: failed }, NAMES)).toBeUndefined();
});

test('it began with the first thing that was done, and ended with the last, loads too', () => {
  const one = trace('{ kind: fsync, on: one, at: 15s, for: 5s, slowMs: 80 }');
  const done = [
    begin(0, 'fsync', [2]),
    { atMs: 20_020, what: 'end' as const, fault: 0, kind: 'fsync', members: [2] },
  ];
  expect(timesOf(one, done, eventsOf(one))).toEqual({ injectedMs: 15_010, endedMs: 40_000 });
});

test('what clients want is known second by second', () => {
  const demand = demandOf(trace('{ kind: kill, on: leader, at: 15s }'));
  expect(demand).toHaveLength(60);
  expect(demand[29]).toEqual({ second: 29, clients: 40, bytes: 40 * 256 });
  expect(demand[30]).toEqual({ second: 30, clients: 50, bytes: 40 * 256 + 5_000_000 });
  expect(demand[40]).toEqual(demand[29] && { ...demand[29], second: 40 });
});
