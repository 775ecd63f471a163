import { describe, expect, test } from '@jest/globals';
import { AnswerError, readAnswer } from './answer.js';
import { answerTo } from './testing.js';

const QUESTION = '{"version":1}';
const read = (more: Readonly<Record<string, unknown>> = {}) =>
  readAnswer(JSON.stringify(answerTo(QUESTION, more)), QUESTION);

describe('the answer of a verifier', () => {
  test('is read as the status takes it', () => {
    const { questionDigest: _, ...rest } = answerTo(QUESTION);
    expect(read()).toEqual(rest);
    expect(read({ result: 'Harm', harmed: 'lag' })).toMatchObject({ result: 'Harm', harmed: 'lag' });
    expect(read({ pairs: [[9_000, 2_000]] })).toEqual(rest);
    expect(read({ signal: 'é'.repeat(200) }).signal).toHaveLength(128);
  });

  test.each([
    ['that is empty', '', /is empty/],
    ['that is no JSON', 'Improves', /no JSON/],
    ['that was cut off', JSON.stringify(answerTo(QUESTION)).slice(0, 100), /no JSON/],
    ['that is a list', '[]', /no mapping/],
    ['that is null', 'null', /no mapping/],
    [
      'with more than a kubelet hands on',
      `${JSON.stringify(answerTo(QUESTION))}${' '.repeat(4_096)}`,
      /bytes/,
    ],
  ])('%s is none', (_, text, why) => {
    expect(() => readAnswer(text, QUESTION)).toThrow(AnswerError);
    expect(() => readAnswer(text, QUESTION)).toThrow(why);
  });

  test.each([
    ['a result that is not known', { result: 'Better' }, /none of Improves/],
    ['a field that is not known', { phase: 'Verified' }, /"phase"/],
    ['another question', { questionDigest: 'ab'.repeat(32) }, /another question/],
    ['no digest of the question', { questionDigest: undefined }, /another question/],
    ['no digest of its report', { reportDigest: 'x' }, /reportDigest/],
    ['a fraction', { delta: 0.5 }, /delta is no whole number/],
    ['a number that is a text', { before: '1' }, /before is no whole number/],
    ['too many seeds', { seeds: 100_001 }, /seeds/],
    ['no seeds', { seeds: 0 }, /no run at all/],
    ['no signal', { signal: '' }, /signal is no text/],
    ['a delta outside of its interval', { delta: -1 }, /outside/],
    ['an improvement that is none', { deltaHigh: 1 }, /its interval does not/],
    ['an improvement that does harm', { harmed: 'lag' }, /lag got worse/],
  ])('with %s is refused', (_, more, why) => {
    expect(() => read(more)).toThrow(why);
  });
});
