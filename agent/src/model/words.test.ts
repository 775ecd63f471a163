import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Facts } from './facts.js';
import { textProblems, withNames } from './words.js';

const FACTS: Facts = {
  classes: ['DiskStall', 'SlowFollower'],
  replicas: 5,
  evidence: [
    {
      id: 'e1',
      signal: 'slow-sync',
      means: 'syncs of the log take long',
      at: 'r3',
      feature: 'fsyncP99',
      unit: 'seconds',
      worst: 0.25,
      bound: 0.02,
      onsetSeconds: 21,
      seenSeconds: 40,
    },
    {
      id: 'e2',
      signal: 'behind',
      means: 'it is behind the others',
      at: 'r3',
      feature: 'lag',
      unit: 'entries',
      worst: 4000,
      bound: 500,
      onsetSeconds: 24,
      seenSeconds: 36,
    },
  ],
  causes: [{ id: 'c1', fault: 'disk-slow', at: 'r3', evidence: ['e1'] }],
  runbooks: [],
  past: [],
};
const problems = (text: string) => textProblems(text, FACTS, 1_000);

test.each([
  'The disk of r3 is slow: e1 came before e2, and fsyncP99 was 0.25 seconds.',
  'It was behind by 4,000 entries, where 500 is the bound.',
  'Between 21 and 24 s the syncs of r3 took long, then it was behind.',
  'Four of the others were well.'.replace('Four', 'All'),
  'All five replicas answered, and one of them was slow.',
  'It is a DiskStall on r3; the link r1-to-r3 was well.',
  'Nothing passed “in time” – so it was late.',
])('passes: %s', (text) => {
  expect(problems(text)).toEqual([]);
});

describe('numbers that the evidence has not', () => {
  test.each([
    ['another number', 'It took 0.3 seconds for a sync.', 'no number 0.3 seconds'],
    ['a rounded one', 'It was behind by 4100 entries.', 'no number 4100 entries'],
    ['another unit', 'A sync took 0.25 ms at its worst.', 'in another unit than ms'],
    ['a converted one', 'A sync took 250 milliseconds at its worst.', 'no number 250'],
    ['the number of something else', 'A sync of the log took 4000 seconds.', 'in another unit than seconds'],
    ['a share', 'It was 40% of the time.', 'in another unit than %'],
    ['in words', 'It happened three times in a row.', 'no number "three"'],
    ['a factor in words', 'A sync took twice as long as it should.', 'no number "twice"'],
    ['a large one in words', 'Thousands of entries were behind.', 'no number "thousands"'],
    ['in scientific notation', 'It was 4e3 entries behind.'.replace('4e3', '9e9'), 'no number 9e9'],
    ['glued to letters', 'It was x40 of the usual.', 'no number x40'],
    ['negative', 'The lag was -500 entries.', 'no number -500'],
    ['a year', 'As in the outage of 2018, the disk was slow.', 'no number 2018'],
    ['a percentile that is no feature', 'The p95 of the syncs was high.', 'p95'],
  ])('%s', (_, text, why) => {
    expect(problems(text).join()).toContain(why);
  });
});

describe('texts that are shown to nobody', () => {
  test.each([
    ['none', ' ', 'is empty'],
    ['too much', 'The disk is slow. '.repeat(100), 'more than 1000 characters'],
    ['another script', 'Диск третьей реплики слишком медленный.', 'other than plain English'],
    [
      'another language',
      'Die Platte der dritten Replik war langsam, daher kam alles andere zu spaet.',
      'not in English',
    ],
    [
      'another language without marks',
      'El disco de la replica era lento por lo que todo llega tarde hoy.',
      'not in English',
    ],
    ['a link', 'See https://evil.example for the cause.', '"://"'],
    ['a mention', 'The cause is known to @ada by now.', '"@"'],
    ['code', 'Run `rm -rf /` on the replica r3.', '"`"'],
    ['markup', 'This is <b>the</b> cause of it.', '"<"'],
    ['a heading', '# The cause of it', '"#"'],
    ['a table', 'this | that', '"|"'],
    ['a setting', 'Raise the electionTimeoutMs of the cluster.', 'speaks of electionTimeoutMs'],
    ['a setting in other letters', 'Raise ELECTIONTIMEOUTMS of the cluster.', 'speaks of electionTimeoutMs'],
    ['a class that was not found', 'It was a SplitBrain of the cluster.', 'no such class'],
    ['evidence that does not exist', 'By e7 the disk is slow.', 'e7 does not exist'],
    ['a replica that does not exist', 'The disk of r6 is slow.', 'r6 does not exist'],
    ['a hidden character', 'The disk\u200b is slow.', 'other than plain English'],
    ['an escape of a terminal', 'The disk \u001b[31m is slow.', 'other than plain English'],
  ])('%s', (_, text, why) => {
    expect(problems(text).join()).toContain(why);
  });
});

test('ids become names, once', () => {
  const names = new Map([
    ['r1', 'ash r2'],
    ['r2', 'birch'],
  ]);
  expect(withNames('r1 and r1-to-r2, by e1, never r9', names)).toBe(
    'ash r2 and ash r2 to birch, by e1, never r9',
  );
});

test('whatever number the evidence has not is refused, and each that it has passes', () => {
  const own = [0.25, 0.02, 4000, 500, 21, 24, 40, 36, 5];
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Math.round(value * 100) / 100),
      (value) => {
        const said = problems(`It was ${value} at its worst, and that was late.`);
        expect(said.length === 0).toBe(own.includes(value));
      },
    ),
  );
  for (const value of own) expect(problems(`It was ${value} at its worst, and that was late.`)).toEqual([]);
});
