import type { Random } from '../sim/random.js';
import type { Target } from './target.js';
import { mutateFields } from './wire-fields.js';

/** Larger inputs teach nothing more. */
export const INPUT_BYTES_MAX = 64 * 1024;
/** How many mutations an input gets: mostly few, so that most of it stays right. */
const MUTATIONS = [1, 1, 1, 2, 2, 3, 5];
const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const HUGE_VARINT = Buffer.from('ffffffffffffffffff01', 'hex');
const ENDLESS_VARINT = Buffer.alloc(16, 0xff);
const WORDS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '[[[[[[[[',
    '{"a":',
    '"',
    '\\u0000',
    '\n',
    '\n---\n',
    ': ',
    '- ',
    '&a ',
    '*a',
    '!!binary ',
  ],
  ...[
    'null',
    'true',
    '-1',
    '1e999',
    '0x',
    '.nan',
    '9007199254740993',
    '__proto__',
    'constructor',
    '<<: *a',
    '~',
  ],
];

/** One input, out of valid ones: some small ways of being wrong, one upon the other. */
export function mutate(
  random: Random,
  { shape, mend }: Pick<Target, 'shape' | 'mend'>,
  seeds: readonly Uint8Array[],
): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  const mutations = random.pick(MUTATIONS);
  for (let i = 0; i < mutations; i++) {
    const other = random.pick(seeds);
    if (shape === 'protobuf' && random.chance(0.7)) bytes = mutateFields(random, bytes, other);
    else if (shape === 'text' && random.chance(0.4)) bytes = putWord(random, bytes);
    else bytes = mutateBytes(random, bytes, other);
  }
  if (bytes.length > INPUT_BYTES_MAX) bytes = bytes.subarray(0, INPUT_BYTES_MAX);
  // Mended in three of four: the first check has to be met as well.
  return mend !== undefined && random.chance(0.75) ? mend(bytes) : bytes;
}

function mutateBytes(random: Random, bytes: Buffer, other: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1);
  switch (random.below(9)) {
    case 0: // cut
      return bytes.subarray(0, at);
    case 1: // a bit
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 2: // a byte
      if (at < bytes.length) bytes[at] = random.below(256);
      return bytes;
    case 3: // a length that lies
      return overwrite(random, bytes, at);
    case 4: {
      // gone
      const end = Math.min(bytes.length, at + 1 + random.below(16));
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    }
    case 5: {
      // twice
      const end = Math.min(bytes.length, at + 1 + random.below(64));
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    }
    case 6: // the end of another
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
    case 7: // a number without an end
      return Buffer.concat([
        bytes.subarray(0, at),
        random.pick([HUGE_VARINT, ENDLESS_VARINT]),
        bytes.subarray(at),
      ]);
    default: // a stretch of one value
      return bytes.fill(random.pick([0, 0xff]), at, Math.min(bytes.length, at + random.below(64)));
  }
}

function overwrite(random: Random, bytes: Buffer, at: number): Buffer {
  const value = random.pick(INTERESTING);
  const width = random.pick([1, 2, 4]);
  if (at + width > bytes.length) return bytes;
  const cut = width === 4 ? value : value % 2 ** (8 * width);
  if (random.chance(0.5)) bytes.writeUIntBE(cut, at, width);
  else bytes.writeUIntLE(cut, at, width);
  return bytes;
}

function putWord(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const word = Buffer.from(random.pick(WORDS).repeat(random.pick([1, 1, 1, 2, 200])));
  return Buffer.concat([
    bytes.subarray(0, at),
    word,
    bytes.subarray(random.chance(0.5) ? at : at + word.length),
  ]);
}
