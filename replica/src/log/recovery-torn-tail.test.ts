import { expect, test } from '@jest/globals';
import { SimulatedDisk } from './disk-simulated.js';
import { readHeader, writeHeader } from './header.js';
import { SECTOR_BYTES } from './sector.js';
import {
  batchesOn,
  diskWith,
  entry,
  FIRST_SEGMENT,
  openOn,
  settled,
  simulatedDisk,
  textOf,
  SECOND_SEGMENT,
  textOfEntry,
} from './log-fixture.js';

test('any sectors of the last batch may be missing: it is cut, reported, and gone for good', async () => {
  const disk = await diskWith(2, 2400);
  const whole = disk.content(FIRST_SEGMENT);
  const { offset } = batchesOn(disk).at(-1)!;
  const sectors = 5;
  for (let kept = 0; kept < 2 ** sectors; kept++) {
    const content = Buffer.from(whole);
    for (let sector = 0; sector < sectors; sector++) {
      const start = offset + sector * SECTOR_BYTES;
      if (!(kept & (1 << sector))) content.fill(0, start, start + SECTOR_BYTES);
    }
    disk.plant(FIRST_SEGMENT, content);
    const { log, report } = await openOn(disk);
    if (kept === 2 ** sectors - 1) {
      expect(log.lastIndex()).toBe(2);
      expect(report.tornTail).toBeUndefined();
      continue;
    }
    expect([log.lastIndex(), log.hardState.term]).toEqual([1, 1]);
    const lastKept = 32 - Math.clz32(kept);
    expect(report.tornTail).toEqual(
      kept === 0 ? undefined : { file: FIRST_SEGMENT, offset, bytes: lastKept * SECTOR_BYTES },
    );
    expect(
      disk
        .content(FIRST_SEGMENT)
        .subarray(offset)
        .every((byte) => byte === 0),
    ).toBe(true);
    await log.append({ entries: [entry(2, 7)] });
    disk.crash();
    const again = await openOn(disk);
    expect([again.log.term(2), again.report.tornTail]).toEqual([7, undefined]);
  }
});

test('any byte of the last batch may be wrong: it is a torn tail', async () => {
  const disk = await diskWith(2, 600);
  const whole = disk.content(FIRST_SEGMENT);
  const { offset, bodyBytes } = batchesOn(disk).at(-1)!;
  for (let at = offset; at < offset + 64 + bodyBytes; at++) {
    const content = Buffer.from(whole);
    content[at]! ^= 1 + (at % 255);
    disk.plant(FIRST_SEGMENT, content);
    const { log, report } = await openOn(disk);
    expect([log.lastIndex(), report.tornTail?.offset]).toEqual([1, offset]);
  }
});

test('a client that stores headers as its value, in a batch that then tears, proves nothing', async () => {
  const disk = await diskWith(2, 100);
  const { offset } = batchesOn(disk)[1]!;
  const third = offset + SECTOR_BYTES;
  const own = readHeader(disk.content(FIRST_SEGMENT), offset)!;
  // One from another place of this log, one of another log for the very place at which it will stand.
  for (const forged of [own, { ...own, salt: 99n, batchNumber: 9, offset: third + SECTOR_BYTES }]) {
    const each = disk.copy();
    const { log } = await openOn(each);
    // The data begins after 64 bytes of header and 7 of record, so this header begins a sector.
    const data = Buffer.alloc(SECTOR_BYTES * 2);
    writeHeader(data, SECTOR_BYTES - 71, forged);
    await log.append({ entries: [{ ...entry(3, 2), data }] });
    expect(readHeader(each.content(FIRST_SEGMENT), third + SECTOR_BYTES)).toMatchObject({
      salt: forged.salt,
      offset: forged.offset,
    });
    each.rot(FIRST_SEGMENT, third + 3);
    const { report } = await openOn(each);
    expect(report.tornTail?.offset).toBe(third);
  }
});

test('the last batch is written once more before it is believed: the page cache may be all that has it', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const disk = simulatedDisk(seed);
    const { log } = await openOn(disk);
    await log.append({ hardState: { term: 1, vote: 1, commit: 0 }, entries: [entry(1, 1, 1000)] });
    await settled();
    disk.failNext('write');
    await expect(
      log.append({ hardState: { term: 2, vote: 3, commit: 0 }, entries: [entry(2, 2, 2000)] }),
    ).rejects.toMatchObject({ code: 'IO_FAILED' });
    // The process ends and starts anew; reads are served by the page cache, whose sync had failed.
    disk.killProcess();
    const { log: again } = await openOn(disk);
    expect(again.hardState).toEqual({ term: 2, vote: 3, commit: 0 });
    // It may have told others of the vote. Now power is lost.
    disk.crash();
    const { log: last } = await openOn(disk);
    expect([last.hardState, last.lastIndex()]).toEqual([{ term: 2, vote: 3, commit: 0 }, 2]);
    expect(textOf(last)).toHaveLength(2);
  }
});

test('unfinished files of an earlier run are removed', async () => {
  const disk = await diskWith(3, 100);
  disk.plant('0000000000000009.segment.tmp', Buffer.alloc(700));
  disk.plant('reserve', Buffer.alloc(512));
  const { report } = await openOn(disk);
  expect([...report.removedFiles].sort()).toEqual(['0000000000000009.segment.tmp', 'reserve']);
  await settled();
  expect(disk.content('reserve')).toHaveLength(16384);
});

test('power lost while a segment is being sealed is no damage, whatever was made ready meanwhile', async () => {
  let held = false;
  const disk = new SimulatedDisk({
    random: () => 0.9,
    delay: (operation, name) =>
      held && operation === 'write' && name === FIRST_SEGMENT
        ? new Promise<void>(() => {})
        : Promise.resolve(),
  });
  const { log } = await openOn(disk);
  await log.append({ entries: [entry(1, 1, 9000)] });
  await settled();
  held = true;
  void log.append({ entries: [entry(2, 1, 9000)] });
  void log.regainSpace();
  await settled();
  // A second segment ahead would say that the first of them is in use.
  expect(disk.names()).toEqual([FIRST_SEGMENT, SECOND_SEGMENT, 'reserve']);
  disk.crash();
  held = false;
  const { log: again } = await openOn(disk);
  expect(textOf(again)).toEqual([textOfEntry(entry(1, 1, 9000))]);
});
