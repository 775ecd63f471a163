import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { protobufEntrySize } from '../raft/entry-size.js';
import { openNodeDisk } from './disk-node.js';
import { Log } from './log.js';
import { entriesFrom, entry, FIRST_SEGMENT, textOf, textOfEntry } from './log-fixture.js';
import type { LogOptions } from './log-options.js';
import type { OpenReport } from './open-report.js';

let folder: string;
const openLogs: Log[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aegis-log-'));
});

afterEach(async () => {
  for (const log of openLogs.splice(0)) await log.close();
  await rm(folder, { recursive: true });
});

async function open(options: Partial<LogOptions> = {}): Promise<{ log: Log; report: OpenReport }> {
  const disk = await openNodeDisk(join(folder, 'member', 'log'));
  const opened = await Log.open({
    disk,
    entrySize: protobufEntrySize,
    segmentBytes: 1024 * 1024,
    ...options,
  });
  openLogs.push(opened.log);
  return opened;
}

test('a log on a real disk holds what was appended, over segments, compaction and restarts', async () => {
  const { log, report } = await open();
  expect(report.fresh).toBe(true);
  for (let index = 1; index <= 300; index += 3) {
    const hardState = { term: 2, vote: 1, commit: index };
    await log.append({ hardState, entries: entriesFrom(index, 3, 2, 20_000) });
  }
  await log.compact(200);
  await log.close();
  const { log: again, report: found } = await open({ recentBytesMax: 100_000, mustExist: true });
  expect(found).toMatchObject({ fresh: false, firstIndex: 201, lastIndex: 300, tornTail: undefined });
  expect(textOf(again)).toEqual(entriesFrom(201, 100, 2, 20_000).map(textOfEntry));
  expect(again.hardState).toEqual({ term: 2, vote: 1, commit: 298 });
});

test('a log that is not closed loses nothing', async () => {
  const { log } = await open();
  await log.append({ entries: entriesFrom(1, 7) });
  // As if the process had ended here: what it left, in another place.
  const segment = await readFile(join(folder, 'member', 'log', FIRST_SEGMENT));
  const left = join(folder, 'left');
  await mkdir(left);
  await writeFile(join(left, FIRST_SEGMENT), segment);
  const { log: again } = await open({ disk: await openNodeDisk(left) });
  expect(textOf(again)).toEqual(entriesFrom(1, 7).map(textOfEntry));
});

test('a torn tail on a real disk is cut, damage before a later batch refuses', async () => {
  const { log } = await open();
  for (let index = 1; index <= 3; index++) await log.append({ entries: [entry(index, 1, 600)] });
  await log.close();
  const file = join(folder, 'member', 'log', FIRST_SEGMENT);
  const whole = await readFile(file);
  // Batches stand at 512, 1536 and 2560, of two sectors each.
  const torn = Buffer.from(whole);
  torn[2560 + 100]! ^= 1;
  await writeFile(file, torn);
  const { log: cut, report } = await open();
  expect(report.tornTail).toEqual({ file: FIRST_SEGMENT, offset: 2560, bytes: 1024 });
  expect(cut.lastIndex()).toBe(2);
  await cut.close();
  const damaged = Buffer.from(whole);
  damaged[1536 + 100]! ^= 1;
  await writeFile(file, damaged);
  await expect(open()).rejects.toMatchObject({ code: 'DAMAGED', file, offset: 1536 });
});

test('files that are not there or cannot be made give errors of the catalogue', async () => {
  const disk = await openNodeDisk(folder);
  await expect(disk.open('nothing')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    file: join(folder, 'nothing'),
  });
  const file = await disk.create('something');
  await file.close();
  await expect(disk.create('something')).rejects.toMatchObject({ code: 'IO_FAILED' });
  await expect(openNodeDisk(join(folder, 'something', 'below'))).rejects.toMatchObject({ code: 'IO_FAILED' });
});
