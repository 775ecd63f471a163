import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ChunkBuilder, MalformedRows, readRows } from './rows-codec.js';

const bytes = fc.uint8Array({ maxLength: 40 });

test('rows come out of a chunk as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: bytes, value: bytes })), (rows) => {
      const builder = new ChunkBuilder();
      for (const row of rows) builder.add(row);
      const read = readRows(builder.take());
      expect(read.map(({ key, value }) => [[...key], [...value]])).toEqual(
        rows.map(({ key, value }) => [[...key], [...value]]),
      );
      expect(builder.bytes).toBe(0);
    }),
  );
});

test('a chunk that is cut anywhere but between rows is refused', () => {
  const builder = new ChunkBuilder();
  builder.add({ key: Buffer.from('key'), value: Buffer.from('value') });
  const chunk = builder.take();
  for (let end = 1; end < chunk.length; end++) {
    expect(() => readRows(chunk.subarray(0, end))).toThrow(MalformedRows);
  }
});
