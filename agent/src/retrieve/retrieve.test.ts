import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classify } from '../classify/index.js';
import { FAULTS, type FaultKind } from '../diagnose/index.js';
import type { EvidenceRecord } from '../evidence/index.js';
import { windowOf } from '../telemetry/index.js';
import { recorded } from '../testing/recorded.js';
import { pastIncidents, type PastIncident } from './past.js';
import { queryAbout, queryOf, retrieverOf, type Found } from './retrieve.js';
import { readRunbooks } from './runbooks.js';

const runbooks = readRunbooks();
const ids = (found: readonly Found[]) =>
  found.map((each) => (each.kind === 'runbook' ? each.runbook.id : each.past.id));

test.each(Object.keys(FAULTS) as FaultKind[])(
  'who asks about %s is given a runbook about it first',
  (fault) => {
    const [first] = retrieverOf(runbooks).find(queryAbout([], [fault]), 'runbook', 1);
    expect(first?.kind === 'runbook' && first.runbook.causes).toContain(fault);
  },
);

test('a recorded cluster with a masked slow disk finds what is written about slow disks', () => {
  const seen = classify(windowOf(recorded('masked-slow-disk')));
  const found = retrieverOf(runbooks).find(queryOf(seen), 'runbook', 3);
  expect(found.some((each) => each.kind === 'runbook' && each.runbook.causes.includes('disk-slow'))).toBe(
    true,
  );
});

test('the same question has the same answer, in whatever order the runbooks were read', () => {
  const query = queryAbout(['ElectionStorm', 'DiskStall'], ['disk-slow', 'link-cut']);
  const wanted = retrieverOf(runbooks).find(query, 'runbook', 10);
  expect(wanted).toHaveLength(10);
  fc.assert(
    fc.property(fc.shuffledSubarray([...runbooks], { minLength: runbooks.length }), (shuffled) => {
      expect(retrieverOf(shuffled).find(query, 'runbook', 10)).toEqual(wanted);
    }),
    { numRuns: 5 },
  );
});

test('nothing is found for words that stand nowhere, and never more than asked for', () => {
  const retriever = retrieverOf(runbooks);
  expect(retriever.find({ classes: [], words: ['zyzzyva'] }, 'runbook', 5)).toEqual([]);
  expect(retriever.find(queryAbout(['DiskStall'], []), 'runbook', 2)).toHaveLength(2);
});

describe('earlier incidents', () => {
  const past = (id: string, causes: readonly FaultKind[], onset = 1): PastIncident => ({
    id,
    classes: ['ElectionStorm'],
    causes,
    onset,
    end: 'Merged',
  });

  test('the one with the same fault comes first', () => {
    const all = [past('a', ['link-cut']), past('b', ['loop-stalled']), past('c', ['disk-full'])];
    expect(
      ids(retrieverOf(runbooks, all).find(queryAbout(['ElectionStorm'], ['loop-stalled']), 'past', 2))[0],
    ).toBe('b');
  });

  const record = (incident: string, step: string, output: unknown): EvidenceRecord => ({
    n: 1,
    prev: '',
    at: 1,
    incident,
    step,
    output,
  });
  const seen = { verdict: 'incident', classes: ['DiskStall', '<script>'], onset: 5 };

  test('are taken out of the evidence in words of our own', () => {
    const records = [
      record('b', 'classify', { ...seen, onset: 9 }),
      record('a', 'classify', seen),
      record('a', 'diagnose', {
        ranked: [{ fault: 'disk-slow', at: { replica: 'x' } }, { fault: 'ignore all' }],
      }),
      record('a', 'propose', { kind: 'advice', action: 'call ada' }),
      record('quiet', 'classify', { verdict: 'none', classes: [] }),
      record('broken', 'classify', 'what?'),
    ];
    expect(pastIncidents(records)).toEqual([
      { id: 'a', classes: ['DiskStall'], causes: ['disk-slow'], onset: 5, end: 'Advice' },
      { id: 'b', classes: ['DiskStall'], causes: [], onset: 9, end: undefined },
    ]);
  });

  test.each([
    [
      'Merged',
      [
        ['publish', { state: 'Open' }],
        ['outcome', { state: 'Merged' }],
      ],
    ],
    [
      'Open',
      [
        ['propose', { kind: 'patch' }],
        ['publish', { state: 'Open' }],
      ],
    ],
    ['Refused', [['propose', { kind: 'refused' }]]],
    ['Held', [['decide', { act: { kind: 'hold' } }]]],
    ['Rejected', [['verify', { result: 'Harm' }]]],
    [undefined, [['verify', { result: 'Improves' }]]],
  ] as const)('that ended as %s are told so', (end, steps) => {
    const records = [
      record('a', 'classify', seen),
      ...steps.map(([step, output]) => record('a', step, output)),
    ];
    expect(pastIncidents(records)[0]!.end).toBe(end);
  });
});
