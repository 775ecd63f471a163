import { expect, test } from '@jest/globals';

import { MemoryStorage } from '../storage/memory.js';
import { Script } from '../testing/script.js';
import { keyRangeOf } from './key-range.js';
import { kvOp } from './testing/kv-script.js';

const EVERYTHING = keyRangeOf(Uint8Array.of(0), Uint8Array.of(0));
const MEBIBYTE = 1024 * 1024;

test('a page of the history is bounded in bytes, and so is each read of it, however large the values are', async () => {
  const storage = new MemoryStorage();
  const script = await Script.start(storage);
  const value = 'x'.repeat(200_000);
  for (let at = 0; at < 100; at++) script.do(kvOp.put(`small/${at}`, 'x'));
  for (let at = 0; at < 100; at++) script.do(kvOp.put('large', value));
  await script.machine.sync();
  let largestRead = 0;
  const getMany = storage.getMany.bind(storage);
  storage.getMany = (keys) => {
    const rows = getMany(keys);
    largestRead = Math.max(
      largestRead,
      rows.reduce((sum, row) => sum + (row?.length ?? 0), 0),
    );
    return rows;
  };
  const seen: number[] = [];
  for (let next = 1; next <= script.machine.kv.revision;) {
    const page = script.machine.kvChangesSince(next, EVERYTHING, 1000);
    if (!('changes' in page)) throw new Error('compacted');
    const bytes = page.changes.reduce((sum, { row }) => sum + row.bytes, 0);
    // The read that passes the bound may be one of small rows before.
    expect(bytes).toBeLessThan(30 * MEBIBYTE);
    seen.push(...page.changes.map(({ main }) => main));
    next = page.next;
  }
  expect(seen).toEqual(Array.from({ length: 200 }, (_, at) => at + 2));
  expect(largestRead).toBeLessThan(30 * MEBIBYTE);
});
