import { protobufEntrySize } from '../raft/entry-size.js';
import { EntryType, type Entry } from '../raft/types.js';
import { crc32c } from './crc32c.js';
import { SimulatedDisk } from './disk-simulated.js';
import { readHeader } from './header.js';
import { Log } from './log.js';
import type { LogOptions } from './log-options.js';
import type { OpenReport } from './open-report.js';
import { SECTOR_BYTES } from './sector.js';
import { FIRST_BATCH_OFFSET, SEGMENT_BYTES_MIN } from './segment.js';

/** What the tests of the log share: small segments on a simulated disk, everything from a seed. */
export const SMALL_SEGMENT_BYTES = SEGMENT_BYTES_MIN;
export const FIRST_SEGMENT = '0000000000000001.segment';
export const SECOND_SEGMENT = '0000000000000002.segment';

/** Mulberry32: small, fast, good enough to choose faults. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function simulatedDisk(seed = 1): SimulatedDisk {
  return new SimulatedDisk({ random: seeded(seed) });
}

/** Opens the log as a new process; an earlier one on this disk has ended by then. */
export function openOn(
  hardware: SimulatedDisk,
  options: Partial<LogOptions> = {},
): Promise<{ log: Log; report: OpenReport }> {
  hardware.killProcess();
  return Log.open({
    disk: hardware.mount(),
    entrySize: protobufEntrySize,
    segmentBytes: SMALL_SEGMENT_BYTES,
    drawSalt: () => 0x0123_4567_89ab_cdefn,
    ...options,
  });
}

/** An entry whose data says which it is. */
export function entry(index: number, term = 1, bytes = 20): Entry {
  const data = Buffer.alloc(bytes, `${term}:${index} `);
  return { index, term, type: EntryType.Normal, data };
}

export function entriesFrom(first: number, count: number, term = 1, bytes = 20): Entry[] {
  return Array.from({ length: count }, (_, i) => entry(first + i, term, bytes));
}

/** The log's entries as plain text, to compare. */
export function textOf(log: Log): string[] {
  if (log.lastIndex() < log.firstIndex()) return [];
  return log.entries(log.firstIndex(), log.lastIndex() + 1, Infinity).map(textOfEntry);
}

export function textOfEntry({ index, term, data }: Entry): string {
  return `${term}:${index} ${data.length} ${Buffer.from(data).toString('latin1')}`;
}

/** What all files hold, to see that nothing changed. */
export function fingerprintOf(disk: SimulatedDisk): string[] {
  return disk.names().map((name) => `${name} ${crc32c(disk.content(name))}`);
}

/** Lets everything in the background on a simulated disk without delays come to its end. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export interface PlacedBatch {
  readonly file: string;
  readonly offset: number;
  readonly bodyBytes: number;
}

/** Where the batches stand, read from their headers. */
export function batchesOn(disk: SimulatedDisk): PlacedBatch[] {
  return disk
    .names()
    .filter((name) => name.endsWith('.segment'))
    .flatMap((file) => {
      const content = disk.content(file);
      const found: PlacedBatch[] = [];
      for (let offset = FIRST_BATCH_OFFSET; offset < content.length; offset += SECTOR_BYTES) {
        const header = readHeader(content, offset);
        if (header) found.push({ file, offset, bodyBytes: header.length });
      }
      return found;
    });
}

/** A closed log of so many batches, each of one entry and a term of its own. */
export async function diskWith(batches: number, entryBytes: number): Promise<SimulatedDisk> {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  for (let i = 0; i < batches; i++) {
    const hardState = { term: 1 + i, vote: 0, commit: 0 };
    await log.append({ hardState, entries: [entry(i + 1, 1 + i, entryBytes)] });
  }
  await log.close();
  return disk;
}
