import { describe, expect, test } from '@jest/globals';
import { BEGUN_WITHIN_AN_HOUR_MAX, takeTurns, WAITING_MAX, type Begun } from './turns.js';
import { sampleRecommendation } from './testing.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const MINUTE = 60_000;

const of = (cluster: string, name: string, minute: number) => {
  const made = sampleRecommendation(name, { clusterRef: { name: cluster } });
  const creationTimestamp = new Date(NOW - 100 * MINUTE + minute * MINUTE).toISOString();
  return { ...made, metadata: { ...made.metadata, creationTimestamp } };
};
const begun = (minutesAgo: number, more: Partial<Begun> = {}): Begun => ({
  cluster: 'house/a',
  atMs: NOW - minutesAgo * MINUTE,
  ended: true,
  ...more,
});
const names = (list: readonly { metadata: { name: string } }[]) => list.map(({ metadata }) => metadata.name);

describe('turns of verifications', () => {
  test('the oldest first', () => {
    const { next, waiting } = takeTurns([of('a', 'late', 2), of('a', 'early', 1)], [], NOW);
    expect([next?.metadata.name, ...names(waiting)]).toEqual(['early', 'late']);
  });

  test('nobody while one runs, of whichever cluster', () => {
    const turns = takeTurns([of('b', 'x', 1)], [begun(3, { ended: false })], NOW);
    expect(turns).toMatchObject({ next: undefined, why: expect.stringContaining('one at a time') });
    expect(names(turns.waiting)).toEqual(['x']);
  });

  test('a cluster that had none goes before one that had some', () => {
    const wanting = [of('a', 'older', 1), of('b', 'newer', 2)];
    expect(takeTurns(wanting, [begun(20)], NOW).next?.metadata.name).toBe('newer');
    expect(takeTurns(wanting, [begun(61)], NOW).next?.metadata.name).toBe('older');
  });

  test('so many an hour', () => {
    const lately = Array.from({ length: BEGUN_WITHIN_AN_HOUR_MAX }, (_, at) => begun(10 + at));
    const wanting = [of('b', 'x', 1)];
    expect(takeTurns(wanting, lately, NOW)).toMatchObject({ next: undefined, againAfterMs: 45 * MINUTE });
    expect(takeTurns(wanting, lately.slice(1), NOW).next?.metadata.name).toBe('x');
  });

  test('more than may wait are refused, the newest, of that cluster alone', () => {
    const many = Array.from({ length: WAITING_MAX + 2 }, (_, at) => of('a', `a${at}`, at));
    const turns = takeTurns([...many.toReversed(), of('b', 'b0', 99)], [begun(1, { ended: false })], NOW);
    expect(names(turns.refused)).toEqual([`a${WAITING_MAX}`, `a${WAITING_MAX + 1}`]);
    expect(names(turns.waiting)).toContain('b0');
    expect(turns.waiting).toHaveLength(WAITING_MAX + 1);
  });
});
