import { expect, test } from '@jest/globals';
import { LastingAnswers } from './lasting-answers.js';

test('an answer is asked for once; one that is not worth keeping, or a failure, again', async () => {
  const answers = new LastingAnswers<number | undefined>((answer) => answer !== undefined);
  const asked: string[] = [];
  const ask = (question: string, answer: number | undefined) =>
    answers.of(question, async () => {
      asked.push(question);
      return answer;
    });
  expect([await ask('a', 1), await ask('a', 2), await ask('b', undefined), await ask('b', 3)]).toEqual([
    1,
    1,
    undefined,
    3,
  ]);
  expect(asked).toEqual(['a', 'b', 'b']);
  await expect(answers.of('c', () => Promise.reject(new Error('not now')))).rejects.toThrow('not now');
  expect(await ask('c', 4)).toBe(4);
});

test('no more are kept than there is room for: the oldest goes', async () => {
  const answers = new LastingAnswers<number>(() => true);
  for (let at = 0; at < 65; at++) await answers.of(`${at}`, async () => at);
  expect(await answers.of('64', async () => -1)).toBe(64);
  expect(await answers.of('0', async () => -1)).toBe(-1);
});
