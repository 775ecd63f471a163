import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Reading } from './reading.js';
import { readRecording, RecordingError, writeRecording, type Recording, type Scrape } from './recording.js';

const REPLICAS = { a: 1, b: 2 };

const number = fc.oneof(
  fc.nat(1e6),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0),
);
const histogram = fc.constantFrom([1, 2], [0.5, 1, 2]).chain((bounds) =>
  fc.record({
    bounds: fc.constant(bounds),
    counts: fc.array(fc.nat(1000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
    sum: number,
  }),
);
const values = fc.record(
  {
    aegis_is_leader: number,
    aegis_raft_term: number,
    aegis_wal_fsync_duration_seconds: histogram,
  },
  { requiredKeys: [] },
);
const reading: fc.Arbitrary<Reading> = fc.record({
  values,
  links: fc.dictionary(fc.constantFrom('1', '2'), fc.record({ aegis_follower_lag_entries: number })),
  unreadable: fc.nat(3),
});
const scrapes = fc.array(
  fc.record({
    pauseMs: fc.nat(2000),
    replica: fc.constantFrom('a', 'b'),
    reading: fc.option(reading, { nil: undefined }),
  }),
);

test('what is written is read again, and the same recording gives the same bytes', () => {
  fc.assert(
    fc.property(scrapes, (drawn) => {
      let atMs = 0;
      const recording: Recording = {
        replicas: REPLICAS,
        scrapeMs: 1000,
        scrapes: drawn.map(({ pauseMs, ...rest }): Scrape => {
          atMs += pauseMs;
          return rest.reading === undefined ? { atMs, ...rest, missing: 'timeout' } : { atMs, ...rest };
        }),
      };
      const text = writeRecording(recording);
      const read = readRecording(text, 'here');
      expect(JSON.stringify(read.scrapes.map(sortedKeys))).toBe(
        JSON.stringify(recording.scrapes.map(sortedKeys)),
      );
      expect(writeRecording(read)).toBe(text);
    }),
    { numRuns: 200 },
  );
});

function sortedKeys(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedKeys);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sortedKeys(each)]),
  );
}

const HEAD = '{"format":"aegis-telemetry","version":1,"scrapeMs":1000,"replicas":{"a":1}}\n';

test.each([
  ['', 1, 'the last line is not ended'],
  ['{}\n', 1, 'the head has to say'],
  ['{"format":"aegis-telemetry","version":2}\n', 1, 'the head has to say'],
  ['{"format":"aegis-telemetry","version":1,"scrapeMs":0,"replicas":{"a":1}}\n', 1, 'scrapeMs has to be'],
  ['{"format":"aegis-telemetry","version":1,"scrapeMs":1000,"replicas":{}}\n', 1, 'replicas has to give'],
  [`${HEAD}x\n`, 2, 'not a JSON object'],
  [`${HEAD}[1]\n`, 2, 'not a JSON object'],
  [`${HEAD}{"atMs":1,"replica":"z","values":{},"links":{}}\n`, 2, 'replica has to be one of the head'],
  [
    `${HEAD}{"atMs":1,"replica":"a","values":{},"links":{}}\n{"atMs":0,"replica":"a","missing":"x"}\n`,
    3,
    'none before',
  ],
  [`${HEAD}{"atMs":1,"replica":"a"}\n`, 2, 'a scrape has values and links'],
  [
    `${HEAD}{"atMs":1,"replica":"a","values":{"aegis_is_leader":"x"},"links":{}}\n`,
    2,
    'the value of aegis_is_leader',
  ],
  [`${HEAD}{"bounds":{"m":[2,1]}}\n`, 2, 'the bounds of m are not rising'],
  [`${HEAD}{"atMs":1,"replica":"a","values":{"m":{"counts":[1],"sum":1}},"links":{}}\n`, 2, 'the value of m'],
  [`${HEAD}{"atMs":1,"replica":"a","values":{},"links":{}`, 2, 'the last line is not ended'],
])('%j is refused at line %i', (text, line, what) => {
  const read = (): unknown => readRecording(text, 'here');
  expect(read).toThrow(RecordingError);
  expect(read).toThrow(`here, line ${line}: `);
  expect(read).toThrow(what);
});
