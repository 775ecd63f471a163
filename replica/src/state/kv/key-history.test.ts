import { expect, test } from '@jest/globals';
import { KeyIndex } from './key-index.js';

const SIZE = 40;

test('finds the revision of any time, and forgets the oldest first, through a hundred changes', () => {
  const history = new KeyIndex().add('k');
  const revisions = 100;
  for (let at = 1; at <= revisions; at++) history.advance(10 * at, 0, at % 10 === 0 ? -SIZE : SIZE, 10, at);
  for (let oldest = 1; oldest <= revisions; oldest++) {
    for (const main of [10 * oldest, 10 * oldest + 5, 500, 999, 1000, 2000]) {
      const at = Math.min(revisions, Math.floor(main / 10));
      const expected = { main: 10 * at, sub: 0, size: SIZE, deleted: at % 10 === 0 };
      if (at < oldest) {
        expect(history.before(main + 1)).toBeUndefined();
        expect(history.asOf(main)).toBeUndefined();
      } else {
        expect(history.before(main + 1)).toEqual(expected);
        expect(history.asOf(main)).toEqual(expected.deleted ? undefined : expected);
      }
    }
    const { revision, last } = history.forgetOldest();
    expect(revision.main).toBe(10 * oldest);
    expect(last).toBe(oldest === revisions);
  }
});
