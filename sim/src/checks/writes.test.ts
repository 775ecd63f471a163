import type { KvChange, StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { committed, reports } from './check-fixture.js';
import { WatchCheck } from './watches.js';
import { WriteCheck } from './writes.js';

interface Written {
  readonly main: number;
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: string | undefined;
}

const state = {
  kvEvent: ({ key, value }: Written) => ({ kv: { key, value } }),
  kv: { compactedRevision: 0 },
} as unknown as StateMachine;

function writes() {
  const { report, broken } = reports();
  const check = new WriteCheck(report);
  /** One entry that makes these changes: revision, key, value. */
  const applies = (...changes: [number, string, string | undefined][]): void => {
    const made = changes.map(([main, key, value]) => ({ main, key, value, deleted: value === undefined }));
    const { applied } = committed({});
    check.committed(
      committed({ applied: { ...applied, changes: made as unknown as readonly KvChange[] } }),
      state,
    );
  };
  return { check, report, applies, broken };
}

test('writes that are there once, as they were acknowledged, are no violation', () => {
  const { check, applies, broken } = writes();
  applies([2, 'r/0', 'a'], [2, 'r/1', 'b']);
  applies([3, 'r/0', 'c']);
  check.acknowledged('a', 2);
  check.swapped('r/0', 3, 2);
  check.refused('d', 'X');
  expect(broken).toEqual([]);
});

test('a write that takes effect twice, and a revision that falls, are seen', () => {
  const { applies, broken } = writes();
  applies([5, 'r/0', 'a']);
  applies([4, 'r/0', 'a']);
  expect(broken).toEqual(['revisions grow', 'at most once']);
});

test('what was acknowledged and is not there, or elsewhere, is seen', () => {
  const { check, applies, broken } = writes();
  applies([2, 'r/0', 'a']);
  check.acknowledged('a', 3);
  check.acknowledged('b', 4);
  expect(broken).toEqual(['acknowledged writes are there', 'acknowledged writes are there']);
});

test('a write that certainly failed and took effect is seen, before and after', () => {
  const { check, applies, broken } = writes();
  check.refused('a', 'X');
  applies([2, 'r/0', 'a'], [2, 'r/1', 'b']);
  check.refused('b', 'X');
  expect(broken).toEqual(['definite errors', 'definite errors']);
});

test('a swap over something else than it compared with is seen', () => {
  const { check, applies, broken } = writes();
  applies([2, 'r/0', 'a']);
  applies([3, 'r/0', undefined]);
  applies([4, 'r/0', 'b']);
  check.swapped('r/0', 4, 0);
  expect(broken).toEqual([]);
  check.swapped('r/0', 4, 2);
  expect(broken).toEqual(['compare and swap']);
});

test.each([
  ['is left out', [[3, ['r/0=c']]]],
  [
    'comes twice',
    [
      [2, ['r/0=a', 'r/1=b']],
      [2, ['r/0=a', 'r/1=b']],
    ],
  ],
  ['comes in parts', [[2, ['r/0=a']]]],
  ['is another one', [[2, ['r/0=x', 'r/1=b']]]],
] as [string, [number, string[]][]][])('a revision that %s in a watch is seen', (_what, sent) => {
  const { check, report, applies, broken } = writes();
  applies([2, 'r/0', 'a'], [2, 'p/0', 'x'], [2, 'r/1', 'b']);
  applies([3, 'r/0', 'c']);
  const send = (watch: WatchCheck, [revision, lines]: [number, string[]]): void =>
    watch.sent({
      revision,
      events: lines.map((line) => {
        const [key, value] = line.split('=') as [string, string];
        return { revision, key, value };
      }),
    });
  const whole = new WatchCheck(report, check, 'r/', 'c', 2);
  send(whole, [2, ['r/0=a', 'r/1=b']]);
  send(whole, [3, ['r/0=c']]);
  expect(broken).toEqual([]);
  const watch = new WatchCheck(report, check, 'r/', 'c', 2);
  for (const each of sent) send(watch, each);
  expect(broken).toContain('watches are complete, ordered and unique');
});
