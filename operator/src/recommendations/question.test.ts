import { describe, expect, test } from '@jest/globals';
import { sampleCluster } from '../testing/cluster.js';
import { QUESTION_BYTES_MAX, refuseQuestion } from './question.js';
import { sampleRecommendation } from './testing.js';

const good = JSON.parse(sampleRecommendation().spec.question!) as Readonly<Record<string, unknown>>;
const asked = (question: unknown) =>
  refuseQuestion(
    sampleRecommendation('x', {
      question: typeof question === 'string' ? question : JSON.stringify(question),
    }),
    sampleCluster(),
  );

describe('a question', () => {
  test('about its own recommendation is taken', () => {
    expect(asked(good)).toBeUndefined();
    // What a profile says by itself need not be said again.
    expect(asked({ ...good, base: {} })).toBeUndefined();
  });

  test.each([
    ['another patch', { patch: { electionTimeoutMs: 1_301 } }, 'QuestionDiffers'],
    ['a larger patch', { patch: { electionTimeoutMs: 1_300, heartbeatIntervalMs: 90 } }, 'QuestionDiffers'],
    ['no patch', { patch: undefined }, 'QuestionDiffers'],
    ['another base', { base: { electionTimeoutMs: 999 } }, 'QuestionDiffers'],
    ['a base that is none', { base: 7 }, 'QuestionDiffers'],
    ['fewer replicas', { replicas: 3 }, 'QuestionDiffers'],
    ['another profile', { profile: 'kv' }, 'QuestionDiffers'],
    ['candidates beside the patch', { candidates: [{ electionTimeoutMs: 2_000 }] }, 'QuestionInvalid'],
  ])('about %s is refused', (_, more, reason) => {
    expect(asked({ ...good, ...more })).toMatchObject({ reason });
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['too long', `"${'é'.repeat(QUESTION_BYTES_MAX / 2)}"`],
  ])('that is %s is refused', (_, text) => {
    expect(asked(text)).toMatchObject({ reason: 'QuestionInvalid' });
  });

  test('about a cluster that is not there is refused', () => {
    expect(refuseQuestion(sampleRecommendation(), undefined)).toMatchObject({ reason: 'ClusterNotFound' });
  });
});
