import { BodyReader, MalformedBody } from '../../log/body-reader.js';
import { BodyWriter } from '../../log/body-writer.js';
import { crc32c } from '../../log/crc32c.js';
import { LogError } from '../../log/errors.js';
import { HEADER_BYTES, readHeader } from '../../log/header.js';
import { diskWith, entriesFrom, openOn, simulatedDisk, SMALL_SEGMENT_BYTES } from '../../log/log-fixture.js';
import { readRecords, writeRecord } from '../../log/record-codec.js';
import type { LogRecord } from '../../log/record.js';
import { SECTOR_BYTES } from '../../log/sector.js';
import { accepts, same, type Target } from '../target.js';

const confState = {
  voters: [1, 2, 3],
  learners: [4],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};
const RECORDS: readonly LogRecord[] = [
  { kind: 'entries', entries: entriesFrom(5, 3) },
  { kind: 'hardState', hardState: { term: 4, vote: 2, commit: 6 } },
  { kind: 'snapshot', index: 100, term: 3, confState },
  { kind: 'truncation', index: 3, term: 1 },
  { kind: 'confState', index: 6, confState },
  { kind: 'stateFolder', name: '7' },
  { kind: 'checkpoint', last: { index: 9, term: 2 }, truncation: { index: 3, term: 1 } },
  { kind: 'seal', nextSegmentId: 2 },
];

/** The body of a batch of the log. */
export const logRecords: Target = {
  name: 'log-records',
  shape: 'bytes',
  seeds: () => [...RECORDS.map((record) => encoded([record])), encoded(RECORDS)],
  run: (bytes) =>
    accepts(() => {
      const records = readRecords(new BodyReader(bytes, 0, bytes.length));
      const once = encoded(records);
      same(once, encoded(readRecords(new BodyReader(once, 0, once.length))), 'a record of the log');
    }, MalformedBody),
};

function encoded(records: readonly LogRecord[]): Buffer {
  const out = new BodyWriter();
  out.begin(0);
  for (const record of records) writeRecord(out, record);
  return Buffer.from(out.bytes.subarray(0, out.position));
}

/** A segment file as it stands on the disk, opened by the real log. */
export const logSegments: Target = {
  name: 'log-segments',
  shape: 'bytes',
  seeds: async () => {
    const few = await diskWith(3, 40);
    const many = await diskWith(12, 500);
    return [few, many].map((disk) => {
      const first = disk.names().find((name) => name.endsWith('.segment'))!;
      return disk.content(first);
    });
  },
  mend: mendSegment,
  run: async (bytes) => {
    const disk = simulatedDisk();
    disk.plant('0000000000000001.segment', bytes);
    try {
      const { log } = await openOn(disk);
      if (log.lastIndex() >= log.firstIndex()) log.entries(log.firstIndex(), log.lastIndex() + 1, Infinity);
      await log.close();
      return true;
    } catch (error) {
      if (error instanceof LogError) return false;
      throw error;
    }
  },
};

/** The size of the file and all checksums are made right, so that what they protect is read. */
function mendSegment(mutated: Buffer): Buffer {
  const bytes = Buffer.alloc(SMALL_SEGMENT_BYTES);
  mutated.copy(bytes);
  let previousCrc = 0;
  for (let at = 0; at + SECTOR_BYTES <= bytes.length; at += SECTOR_BYTES) {
    const magic = bytes.subarray(at, at + 4).toString('latin1');
    if (magic !== 'AEGB' && magic !== 'AEGS') continue;
    if (magic === 'AEGB') {
      const end = Math.min(bytes.length, at + HEADER_BYTES + bytes.readUInt32LE(at + 36));
      bytes.writeUInt32LE(crc32c(bytes, at + HEADER_BYTES, end), at + 40);
      bytes.writeUInt32LE(previousCrc, at + 44);
    }
    const crc = crc32c(bytes, at, at + 60);
    bytes.writeUInt32LE(crc, at + 60);
    if (magic === 'AEGB') previousCrc = readHeader(bytes, at)?.crc ?? 0;
  }
  return bytes;
}
