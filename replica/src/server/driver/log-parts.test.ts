import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { LogBatch } from '../../log/index.js';
import { entry, openOn, simulatedDisk, SMALL_SEGMENT_BYTES } from '../../log/log-fixture.js';
import { inParts } from './log-parts.js';

test('what fits is left as it is', () => {
  const batch = { entries: [entry(1), entry(2)], hardState: { term: 1, vote: 1, commit: 2 } };
  expect(inParts(batch, 10_000)).toEqual([batch]);
  expect(inParts({ entries: [], hardState: batch.hardState }, 1)).toHaveLength(1);
});

test('parts follow each other, each with the term and the vote, and with no commit beyond its last entry', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 35 }), (bytes, commit) => {
      const entries = bytes.map((size, at) => entry(at + 1, 1, size));
      const batch: LogBatch = { entries, hardState: { term: 3, vote: 2, commit }, stateFolder: '2' };
      const parts = inParts(batch, 500);
      expect(parts.flatMap((part) => part.entries)).toEqual(entries);
      expect(parts.at(-1)!.hardState!.commit).toBe(
        parts.length === 1 ? commit : Math.min(commit, bytes.length),
      );
      parts.forEach((part, at) => {
        const size = part.entries.reduce((sum, { data }) => sum + data.length + 64, 0);
        expect(size <= 500 || part.entries.length === 1).toBe(true);
        expect(part.hardState).toMatchObject({ term: 3, vote: 2 });
        if (parts.length > 1) expect(part.hardState!.commit).toBeLessThanOrEqual(part.entries.at(-1)!.index);
        expect(part.stateFolder).toBe(at === 0 ? '2' : undefined);
      });
    }),
  );
});

test('what is too much for one batch of the log is written in parts', async () => {
  const { log } = await openOn(simulatedDisk());
  const entries = Array.from({ length: 20 }, (_, at) => entry(at + 1, 1, SMALL_SEGMENT_BYTES / 8));
  await expect(log.append({ entries })).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' });
  for (const part of inParts({ entries }, log.batchBytesMax)) await log.append(part);
  expect(log.lastIndex()).toBe(20);
});
