import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { EntryType } from '../raft/types.js';
import { BodyReader, MalformedBody } from './body-reader.js';
import { BodyWriter } from './body-writer.js';
import { readRecords, writeRecord } from './record-codec.js';
import type { LogRecord } from './record.js';

const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const members = fc.array(number, { maxLength: 9 });
const confState = fc.record({
  voters: members,
  learners: members,
  votersOutgoing: members,
  learnersNext: members,
  autoLeave: fc.boolean(),
});
const position = { index: number, term: number };
const entries = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 52 }),
    fc.array(
      fc.record({
        term: number,
        type: fc.constantFrom(...Object.values(EntryType)),
        data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  )
  .map(([first, list]) => list.map((rest, i) => ({ index: first + i, ...rest })));
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  entries.map((entries) => ({ kind: 'entries' as const, entries })),
  fc
    .record({ term: number, vote: number, commit: number })
    .map((hardState) => ({ kind: 'hardState' as const, hardState })),
  fc.record({ kind: fc.constant('snapshot' as const), ...position, confState }),
  fc.record({ kind: fc.constant('truncation' as const), ...position }),
  fc.record({ kind: fc.constant('confState' as const), index: number, confState }),
  fc.record({ kind: fc.constant('stateFolder' as const), name: fc.string() }),
  fc.record({
    kind: fc.constant('checkpoint' as const),
    last: fc.record(position),
    truncation: fc.record(position),
  }),
  fc.record({ kind: fc.constant('seal' as const), nextSegmentId: number }),
);

function encode(records: readonly LogRecord[]): Buffer {
  const out = new BodyWriter();
  out.begin(0);
  for (const each of records) writeRecord(out, each);
  return Buffer.from(out.bytes.subarray(0, out.position));
}

function decode(bytes: Buffer): LogRecord[] {
  return readRecords(new BodyReader(bytes, 0, bytes.length));
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      expect(decode(encode(records))).toEqual(records);
    }),
  );
});

test('bytes that no writer wrote are refused by MalformedBody or read as something, never worse', () => {
  const tryToRead = (bytes: Buffer): void => {
    try {
      decode(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedBody);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => tryToRead(Buffer.from(bytes))));
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat(255),
      (records, at, byte) => {
        const bytes = encode(records);
        bytes[at % bytes.length] = byte;
        tryToRead(bytes);
        tryToRead(bytes.subarray(0, at % bytes.length));
      },
    ),
  );
});

test('a count larger than the body is refused before anything is allocated for it', () => {
  const out = new BodyWriter();
  out.begin(0);
  out.byte(1);
  out.integer(1);
  out.integer(2 ** 52);
  expect(() => decode(Buffer.from(out.bytes.subarray(0, out.position)))).toThrow(MalformedBody);
});
