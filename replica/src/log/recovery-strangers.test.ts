import { expect, test } from '@jest/globals';
import { readHeader, writeHeader } from './header.js';
import {
  batchesOn,
  diskWith,
  entriesFrom,
  FIRST_SEGMENT,
  openOn,
  SECOND_SEGMENT,
  settled,
  simulatedDisk,
} from './log-fixture.js';

test('a missing segment refuses and is named: the first, one between, the last', async () => {
  const disk = await diskWith(30, 1500);
  const used = [...new Set(batchesOn(disk).map((batch) => batch.file))];
  for (const missing of used) {
    const damaged = disk.copy();
    damaged.plant(missing, undefined);
    // With the spare there, the last one's absence is a gap; without it, the seal tells.
    for (const spare of disk.names().filter((name) => name > used.at(-1)! && name.endsWith('.segment'))) {
      if (missing === used.at(-1)) damaged.plant(spare, undefined);
    }
    const refusal = await openOn(damaged).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'SEGMENT_MISSING', file: `simulated/${missing}` });
  }
});

test('after compaction the absence of dropped segments is no error, of others it is', async () => {
  const disk = await diskWith(30, 1500);
  const { log } = await openOn(disk);
  await log.compact(15);
  await log.close();
  expect(disk.names()).not.toContain(FIRST_SEGMENT);
  expect((await openOn(disk.copy())).log.firstIndex()).toBe(16);
  disk.plant(disk.names()[0]!, undefined);
  await expect(openOn(disk)).rejects.toMatchObject({ code: 'SEGMENT_MISSING' });
});

test('a spare of another log, or under another name, refuses before anything is written to it', async () => {
  const disk = await diskWith(2, 100);
  await openOn(disk);
  await settled();
  const stranger = simulatedDisk(2);
  await openOn(stranger, { drawSalt: () => 77n });
  await settled();
  const foreign = disk.copy();
  foreign.plant(SECOND_SEGMENT, stranger.content(SECOND_SEGMENT));
  await expect(openOn(foreign)).rejects.toMatchObject({ code: 'FOREIGN_SALT', offset: 0 });
  disk.plant('0000000000000003.segment', disk.content(SECOND_SEGMENT));
  await expect(openOn(disk)).rejects.toMatchObject({ code: 'WRONG_SEGMENT', offset: 0 });
});

test('a batch of another log or another place refuses', async () => {
  const disk = await diskWith(3, 100);
  const { offset } = batchesOn(disk)[1]!;
  for (const [change, code] of [
    [{ salt: 77n }, 'FOREIGN_SALT'],
    [{ segmentId: 8 }, 'WRONG_SEGMENT'],
    [{ offset: 8192 }, 'DAMAGED'],
  ] as const) {
    const forged = disk.copy();
    const content = forged.content(FIRST_SEGMENT);
    writeHeader(content, offset, { ...readHeader(content, offset)!, ...change });
    forged.plant(FIRST_SEGMENT, content);
    await expect(openOn(forged)).rejects.toMatchObject({ code, offset });
  }
});

test("another log's segment refuses", async () => {
  const disk = await diskWith(30, 1500);
  const stranger = simulatedDisk(2);
  const { log } = await openOn(stranger, { drawSalt: () => 77n });
  await log.append({ entries: entriesFrom(1, 20, 1, 600) });
  await log.append({ entries: entriesFrom(21, 20, 1, 600) });
  disk.plant(SECOND_SEGMENT, stranger.content(SECOND_SEGMENT));
  await expect(openOn(disk)).rejects.toMatchObject({
    code: 'FOREIGN_SALT',
    file: `simulated/${SECOND_SEGMENT}`,
  });
});

test('a segment under the name of another refuses', async () => {
  const disk = await diskWith(30, 1500);
  disk.plant(SECOND_SEGMENT, disk.content('0000000000000003.segment'));
  await expect(openOn(disk)).rejects.toMatchObject({
    code: 'WRONG_SEGMENT',
    file: `simulated/${SECOND_SEGMENT}`,
  });
});

test('a newer format refuses by its name, in a segment and in a batch', async () => {
  const disk = await diskWith(3, 100);
  for (const offset of [0, batchesOn(disk)[1]!.offset]) {
    const newer = disk.copy();
    const content = newer.content(FIRST_SEGMENT);
    writeHeader(content, offset, { ...readHeader(content, offset)!, version: 2 });
    newer.plant(FIRST_SEGMENT, content);
    await expect(openOn(newer)).rejects.toMatchObject({ code: 'NEWER_VERSION', offset });
  }
});
