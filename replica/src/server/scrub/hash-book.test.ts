import { describe, expect, test } from '@jest/globals';

import { HashBook, judge, standingsOf, UNREADABLE, type Voters } from './hash-book.js';

const FIVE: Voters = { voters: [1, 2, 3, 4, 5], votersOutgoing: [] };
const FOUR: Voters = { voters: [1, 2, 3, 4], votersOutgoing: [] };

/** "aab" is what members 1, 2 and 3 said; "-" said nothing. */
function judged(said: string, voters: Voters, late = false): string {
  const values = new Map<number, string>();
  said.split('').forEach((value, at) => {
    if (value !== '-') values.set(at + 1, value === '!' ? UNREADABLE : value);
  });
  const judgement = judge({ kind: 'chained', index: 1, values }, voters, late);
  return judgement.verdict === 'quorum' ? judgement.value : judgement.verdict;
}

describe('what hashes of one index mean', () => {
  test.each([
    ['-----', 'same'],
    ['a----', 'same'],
    ['aaaaa', 'same'],
    ['ab---', 'open'],
    ['aab--', 'open'],
    ['aaab-', 'a'],
    ['aaaab', 'a'],
    ['abbb-', 'b'],
    ['aabbc', 'none'],
    ['aabb-', 'open'],
    ['abcd-', 'none'],
    // Three silent members may have a value that nobody has said yet.
    ['ab!--', 'open'],
    ['abc--', 'open'],
    ['!----', 'open'],
    ['!aaa-', 'a'],
    ['!!!--', 'none'],
    ['!!aa-', 'open'],
    ['!!aab', 'none'],
  ])('of five: %s is %s', (said, verdict) => expect(judged(said, FIVE)).toBe(verdict));

  test.each([
    ['aabb', 'none'],
    ['aab-', 'open'],
    ['aaab', 'a'],
    ['aa--', 'same'],
  ])('of four: %s is %s', (said, verdict) => expect(judged(said, FOUR)).toBe(verdict));

  test('who has not spoken in time is not waited for', () => {
    expect(judged('ab---', FIVE, true)).toBe('none');
    expect(judged('aab--', FIVE, true)).toBe('none');
    expect(judged('aaab-', FIVE, true)).toBe('a');
    expect(judged('aa---', FIVE, true)).toBe('same');
  });

  test('learners contradict, and do not count', () => {
    const voters = { voters: [1, 2, 3], votersOutgoing: [] };
    expect(judged('aa-bb', voters)).toBe('a');
    expect(judged('a--bb', voters)).toBe('open');
    expect(judged('a--bb', voters, true)).toBe('none');
  });

  test('while the configuration is joint both halves must have it', () => {
    const joint = { voters: [1, 2, 3], votersOutgoing: [3, 4, 5] };
    expect(judged('aaabb', joint)).toBe('none');
    expect(judged('aaaab', joint)).toBe('a');
    expect(judged('aaab-', joint)).toBe('open');
  });
});

describe('the book of hashes', () => {
  test('tells what is new, and by whom', () => {
    const book = new HashBook(10);
    expect(book.note('chained', 256, 1, 'a')).toBeDefined();
    expect(book.note('chained', 256, 1, 'a')).toBeUndefined();
    book.note('contents', 256, 2, 'c');
    const page = book.note('chained', 256, 3, 'b')!;
    book.note('chained', 256, 2, 'a');
    expect([...standingsOf(page)]).toEqual([
      ['a', [1, 2]],
      ['b', [3]],
    ]);
    book.keepMembers(new Set([1, 2]));
    expect([...standingsOf(page)]).toEqual([['a', [1, 2]]]);
  });

  test('is bounded: the oldest index goes, and does not come back', () => {
    const book = new HashBook(3);
    for (const index of [512, 256, 768, 1024]) book.note('chained', index, 1, 'a');
    expect([...book.pages].map(({ index }) => index)).toEqual([512, 768, 1024]);
    expect(book.note('chained', 256, 2, 'b')).toBeUndefined();
    expect(book.size).toBe(3);
  });
});
