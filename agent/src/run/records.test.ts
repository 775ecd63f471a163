import { expect, test } from '@jest/globals';
import type { EvidenceRecord } from '../evidence/index.js';
import { findingsOf } from './records.js';

const cause = (fault: string, scorePermille: number) => ({
  fault,
  at: { replica: 'orders-1' },
  scorePermille,
});
const record = (step: string, output: unknown) =>
  ({ incident: 'i-1', at: 1, step, output }) as EvidenceRecord;
const baseline = record('diagnose', {
  ranked: [cause('loop-stalled', 700), cause('paused', 300)],
  evidence: ['by the baseline'],
});
const named = (...records: readonly EvidenceRecord[]) => findingsOf(records).causes.map(({ fault }) => fault);

test('causes are in the order in which they were worked on: that of a model, if it was given one that counts', () => {
  expect(named(baseline)).toEqual(['loop-stalled', 'paused']);
  expect(named(baseline, record('opinion', { by: 'baseline', why: 'it said nothing' }))).toEqual([
    'loop-stalled',
    'paused',
  ]);
  const opinion = {
    by: 'model',
    ranked: [cause('paused', 700), cause('loop-stalled', 300)],
    evidence: ['by the model'],
  };
  expect(named(baseline, record('opinion', opinion))).toEqual(['paused', 'loop-stalled']);
  expect(findingsOf([baseline, record('opinion', opinion)]).evidence).toEqual(['by the model']);
});
