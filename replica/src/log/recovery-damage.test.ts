import { expect, test } from '@jest/globals';
import { LogError } from './errors.js';
import { readHeader, writeHeader } from './header.js';
import {
  batchesOn,
  diskWith,
  entry,
  fingerprintOf,
  FIRST_SEGMENT,
  openOn,
  SECOND_SEGMENT,
  seeded,
  settled,
  textOf,
  textOfEntry,
  type PlacedBatch,
} from './log-fixture.js';

test('a wrong byte before a later batch refuses, naming file and offset, and changes nothing', async () => {
  // Several batches a segment, several segments: the later batch may be in the same segment or the next.
  const disk = await diskWith(30, 1500);
  const batches = batchesOn(disk);
  expect(new Set(batches.map((batch) => batch.file)).size).toBeGreaterThan(3);
  const positions = (batch: PlacedBatch): number[] => [
    0,
    5,
    9,
    17,
    25,
    33,
    37,
    41,
    45,
    61,
    64,
    64 + batch.bodyBytes - 1,
  ];
  for (const batch of batches.slice(0, -1)) {
    for (const position of positions(batch)) {
      const damaged = disk.copy();
      damaged.rot(batch.file, batch.offset + position, 0x10);
      const before = fingerprintOf(damaged);
      const refusal = await openOn(damaged).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refusal).toMatchObject({ code: 'DAMAGED', offset: batch.offset });
      expect(String(refusal)).toContain(`simulated/${batch.file} at byte ${batch.offset}`);
      expect(String(refusal)).toContain('Replace this member');
      await settled();
      expect(fingerprintOf(damaged)).toEqual(before);
    }
  }
});

test('several batches lost in a row, up to whole stretches of zeros, are found by the one after them', async () => {
  const disk = await diskWith(30, 1500);
  const batches = batchesOn(disk);
  for (let first = 0; first < batches.length - 1; first++) {
    for (const count of [1, 2, 7, 12]) {
      const lost = batches.slice(first, first + count);
      if (lost.length < count || first + count >= batches.length) continue;
      const damaged = disk.copy();
      for (const { file, offset, bodyBytes } of lost) {
        const content = damaged.content(file);
        content.fill(0, offset, offset + 64 + bodyBytes);
        damaged.plant(file, content);
      }
      await expect(openOn(damaged)).rejects.toMatchObject({ code: 'DAMAGED', offset: lost[0]!.offset });
    }
  }
});

test('rot anywhere is refused by name, or harmless, or costs the last batch and is reported', async () => {
  const whole = await diskWith(30, 700);
  await openOn(whole);
  await settled();
  const names = whole.names();
  const outcomes = { refused: 0, harmless: 0, cut: 0 };
  for (let seed = 1; seed <= 500; seed++) {
    const random = seeded(seed);
    const below = (bound: number): number => Math.floor(random() * bound);
    const disk = whole.copy();
    for (let rots = 1 + below(3); rots > 0; rots--) {
      const name = names[below(names.length)]!;
      disk.rot(name, below(disk.content(name).length), 1 + below(255));
    }
    const opened = await openOn(disk).then(
      (value) => value,
      (error: unknown) => error,
    );
    if (opened instanceof LogError) {
      expect(['DAMAGED', 'SEGMENT_MISSING']).toContain(opened.code);
      outcomes.refused++;
      continue;
    }
    const { log, report } = opened as Awaited<ReturnType<typeof openOn>>;
    if (log.lastIndex() === 30) outcomes.harmless++;
    else outcomes.cut++;
    expect(textOf(log)).toEqual(
      Array.from({ length: log.lastIndex() }, (_, i) => textOfEntry(entry(i + 1, i + 1, 700))),
    );
    if (log.lastIndex() !== 30) expect([log.lastIndex(), report.tornTail !== undefined]).toEqual([29, true]);
  }
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(outcomes.harmless).toBeGreaterThan(50);
  expect(outcomes.cut).toBeGreaterThan(0);
});

test('a header of the segment that is damaged refuses', async () => {
  const disk = await diskWith(30, 1500);
  disk.rot(SECOND_SEGMENT, 20);
  await expect(openOn(disk)).rejects.toMatchObject({ code: 'DAMAGED', offset: 0 });
});

test('damage at the end of a segment is proved by a batch in the next one, with or without a spare after it', async () => {
  const disk = await diskWith(12, 1500);
  const batches = batchesOn(disk);
  const seal = batches.filter(({ file }) => file === FIRST_SEGMENT).at(-1)!;
  expect(batches.at(-1)!.file).toBe(SECOND_SEGMENT);
  disk.rot(FIRST_SEGMENT, seal.offset + 65);
  await expect(openOn(disk.copy())).rejects.toMatchObject({ code: 'DAMAGED', offset: seal.offset });
  disk.plant('0000000000000003.segment', undefined);
  await expect(openOn(disk)).rejects.toMatchObject({ code: 'DAMAGED', offset: seal.offset });
});

test('a segment that lost its end refuses', async () => {
  const disk = await diskWith(3, 100);
  disk.plant(FIRST_SEGMENT, disk.content(FIRST_SEGMENT).subarray(0, 8192));
  await expect(openOn(disk)).rejects.toMatchObject({ code: 'SEGMENT_TRUNCATED' });
});

test('a batch that does not follow the one before it refuses', async () => {
  const disk = await diskWith(3, 100);
  const { offset } = batchesOn(disk)[2]!;
  for (const change of [{ batchNumber: 9 }, { previousCrc: 1 }]) {
    const forged = disk.copy();
    const content = forged.content(FIRST_SEGMENT);
    writeHeader(content, offset, { ...readHeader(content, offset)!, ...change });
    forged.plant(FIRST_SEGMENT, content);
    await expect(openOn(forged)).rejects.toMatchObject({ code: 'DAMAGED', offset });
  }
});
