import { expect, test } from '@jest/globals';
import { isNoSpace } from './errors.js';
import type { Log } from './log.js';
import {
  entriesFrom,
  entry,
  fingerprintOf,
  openOn,
  settled,
  simulatedDisk,
  SMALL_SEGMENT_BYTES,
  textOf,
  textOfEntry,
} from './log-fixture.js';

interface Refusal {
  readonly error: unknown;
  /** The last entry that was acknowledged. */
  readonly acknowledged: number;
  /** Whether the log had raised its alarm while it still accepted. */
  readonly alarmedBefore: boolean;
}

async function appendUntilRefused(log: Log, first: number): Promise<Refusal> {
  let alarmedBefore = false;
  for (let index = first; index < first + 200; index++) {
    try {
      await log.append({ entries: [entry(index, 1, 900)] });
    } catch (error) {
      return { error, acknowledged: index - 1, alarmedBefore };
    }
    await settled();
    alarmedBefore ||= log.noSpace;
  }
  throw new Error('nothing was refused');
}

test('a batch beyond a segment is refused before anything is written; the largest that fits is taken', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  await log.append({ entries: [entry(1)] });
  const before = disk.content('0000000000000001.segment');
  await expect(log.append({ entries: [entry(2, 1, SMALL_SEGMENT_BYTES)] })).rejects.toMatchObject({
    code: 'BATCH_TOO_LARGE',
  });
  expect(disk.content('0000000000000001.segment')).toEqual(before);
  await log.append({ entries: [entry(2, 1, SMALL_SEGMENT_BYTES - 1536)] });
  expect(textOf((await openOn(disk)).log)).toHaveLength(2);
});

test('after one failed write nothing is written again', async () => {
  for (const operation of ['write', 'rename', 'syncDirectory'] as const) {
    const disk = simulatedDisk();
    const failures: unknown[] = [];
    const { log } = await openOn(disk, { onFailure: (error) => failures.push(error) });
    await log.append({ entries: [entry(1)] });
    await settled();
    disk.failNext(operation);
    const { acknowledged: written } = await appendUntilRefused(log, 2);
    const content = fingerprintOf(disk);
    await expect(log.append({ entries: [entry(written + 1)] })).rejects.toMatchObject({ code: 'POISONED' });
    await expect(log.compact(1)).rejects.toMatchObject({ code: 'POISONED' });
    await settled();
    expect(fingerprintOf(disk)).toEqual(content);
    expect(failures).toHaveLength(1);
    expect(log.failure).toMatchObject({ code: 'IO_FAILED' });
    // What was acknowledged can still be read.
    expect(log.lastIndex()).toBe(written);
  }
});

test('a full disk refuses with room in hand, writes nothing of the refused batch, and recovers', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  await settled();
  // The first segment, the spare and the reserve are there; a fourth file does not fit.
  disk.capacityBytes = 3 * SMALL_SEGMENT_BYTES + 1000;
  const { error, acknowledged: index, alarmedBefore } = await appendUntilRefused(log, 1);
  expect(isNoSpace(error)).toBe(true);
  expect(alarmedBefore).toBe(true);
  // All of the segment, the spare and the reserve served.
  expect(index).toBeGreaterThanOrEqual(3 * 9);
  expect(log.failure).toBeUndefined();
  expect(await log.regainSpace()).toBe(false);
  await expect(log.append({ entries: [entry(index + 1, 1, 900)] })).rejects.toMatchObject({
    code: 'NO_SPACE',
  });
  const { log: again } = await openOn(disk.copy());
  expect(textOf(again)).toEqual(entriesFrom(1, index, 1, 900).map(textOfEntry));

  disk.capacityBytes = Infinity;
  expect(await log.regainSpace()).toBe(true);
  await log.append({ entries: [entry(index + 1, 1, 900)] });
  expect(log.noSpace).toBe(false);
  expect((await openOn(disk)).log.lastIndex()).toBe(index + 1);
});

test('compaction makes room on a full disk', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  await settled();
  disk.capacityBytes = 4 * SMALL_SEGMENT_BYTES;
  let index = 0;
  while (!log.noSpace) {
    await log.append({ entries: [entry(++index, 1, 900)] });
    await settled();
  }
  await log.compact(index - 1);
  await settled();
  expect(log.noSpace).toBe(false);
  for (let more = 0; more < 15; more++) await log.append({ entries: [entry(++index, 1, 900)] });
  expect(log.lastIndex()).toBe(index);
});

test('a closed log refuses, and a missing one too if there must be one', async () => {
  const disk = simulatedDisk();
  await expect(openOn(disk, { mustExist: true })).rejects.toMatchObject({ code: 'LOG_MISSING' });
  const { log } = await openOn(disk);
  await log.append({ entries: [entry(1)] });
  await log.close();
  await expect(log.append({ entries: [entry(2)] })).rejects.toMatchObject({ code: 'CLOSED' });
  expect((await openOn(disk, { mustExist: true })).log.lastIndex()).toBe(1);
});
