import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { frame, FrameReader, FrameTooLarge } from './framing.js';

function readAll(chunks: readonly Buffer[], limit: number): Buffer[] {
  const reader = new FrameReader();
  reader.limit = limit;
  const bodies: Buffer[] = [];
  for (const chunk of chunks) reader.push(chunk, (body) => bodies.push(body));
  return bodies;
}

describe('peer framing', () => {
  test('whatever is framed comes out again, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 20 }),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map((body) => frame(body)));
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length]!;
            chunks.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(readAll(chunks, 1000).map((body) => [...body])).toEqual(bodies.map((body) => [...body]));
        },
      ),
    );
  });

  test('half a frame is not handed out', () => {
    const whole = frame(Buffer.from('hello'));
    expect(readAll([whole.subarray(0, 8)], 1000)).toEqual([]);
  });

  test('a length over the limit is refused before its body is waited for', () => {
    expect(() => readAll([frame(Buffer.alloc(20)).subarray(0, 4)], 19)).toThrow(FrameTooLarge);
    expect(() => readAll([Buffer.from('GET / HTTP/1.1\r\n')], 4096)).toThrow(/over the limit/);
  });
});
