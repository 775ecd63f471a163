import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { type Disk, openNodeDisk } from '../../log/index.js';
import { Faults, SOUND_SYNC } from './faults.js';
import { faultyDisk } from './faulty-disk.js';

let folder: string;
let faults: Faults;
let disk: Disk;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aegis-faulty-'));
  faults = new Faults();
  disk = faultyDisk(await openNodeDisk(folder), faults);
});
afterEach(() => rm(folder, { recursive: true }));

const BYTES = Buffer.from('acknowledged');

test('without a fault it is the disk that it stands before', async () => {
  const file = await disk.create('a');
  await file.writeDurably(BYTES, 0);
  const read = Buffer.alloc(BYTES.length);
  expect(await file.read(read, 0)).toBe(BYTES.length);
  expect(read).toEqual(BYTES);
  await file.close();
  expect(await disk.list()).toEqual([{ name: 'a', bytes: BYTES.length }]);
});

test('a slow sync takes so much longer', async () => {
  const file = await disk.create('a');
  faults.setSync({ ...SOUND_SYNC, slowMs: 80 });
  const began = performance.now();
  await file.writeDurably(BYTES, 0);
  expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  await file.close();
});

test('a stalled sync returns when the stall ends, and not before', async () => {
  const file = await disk.create('a');
  faults.setSync({ ...SOUND_SYNC, stalled: true });
  let returned = false;
  const written = file.writeDurably(BYTES, 0).then(() => (returned = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(returned).toBe(false);
  faults.clear();
  await written;
  await file.close();
});

test('a failing sync is an IO_FAILED, whatever it has left', async () => {
  const file = await disk.create('a');
  faults.setSync({ ...SOUND_SYNC, failing: true });
  for (let time = 0; time < 20; time++) {
    await expect(file.writeDurably(BYTES, 0)).rejects.toMatchObject({ code: 'IO_FAILED' });
  }
  await expect(disk.syncDirectory()).rejects.toMatchObject({ code: 'IO_FAILED' });
  await file.close();
});

test('a full disk refuses what grows and takes what fits into a file as it is', async () => {
  const file = await disk.create('a');
  await file.writeDurably(Buffer.alloc(100), 0);
  faults.setDiskFull(true);
  await expect(disk.create('b')).rejects.toMatchObject({ code: 'NO_SPACE' });
  await expect(file.writeDurably(BYTES, 95)).rejects.toMatchObject({ code: 'NO_SPACE' });
  await file.writeDurably(BYTES, 100 - BYTES.length);
  await file.close();
  // What it found at an opening counts as well.
  const again = await disk.open('a');
  await again.writeDurably(BYTES, 0);
  await expect(again.writeDurably(BYTES, 100)).rejects.toMatchObject({ code: 'NO_SPACE' });
  faults.clear();
  await again.writeDurably(BYTES, 100);
  await again.close();
});
