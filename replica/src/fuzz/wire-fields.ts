import type { Random } from '../sim/random.js';

/** A field of a protobuf message as it stands on the wire: where it begins and ends, and where its content is. */
interface Field {
  readonly number: number;
  readonly type: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

const DEEP = 200;

/** Changes a protobuf message field by field, at any depth. What is no message comes back as it was. */
export function mutateFields(random: Random, bytes: Buffer, other: Uint8Array): Buffer {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return bytes;
  const field = random.pick(fields);
  const whole = bytes.subarray(field.start, field.end);
  const content = bytes.subarray(field.body, field.end);
  const replaced = (by: Uint8Array): Buffer =>
    Buffer.concat([bytes.subarray(0, field.start), by, bytes.subarray(field.end)]);
  switch (random.below(8)) {
    case 0: // gone
      return replaced(Buffer.alloc(0));
    case 1: // twice, or very often
      return replaced(Buffer.concat(Array.from({ length: random.pick([2, 2, 3, 300]) }, () => whole)));
    case 2: // under another number
      return replaced(
        Buffer.concat([tag(1 + random.below(90), field.type), bytes.subarray(headEnd(field), field.end)]),
      );
    case 3: // as another type
      return replaced(
        Buffer.concat([tag(field.number, random.below(8)), bytes.subarray(headEnd(field), field.end)]),
      );
    case 4: // a number at its limits
      if (field.type !== 0) return nested(random, field, content, other, replaced);
      return replaced(Buffer.concat([tag(field.number, 0), random.pick(NUMBERS)]));
    case 5: {
      // out of another message
      const others = fieldsOf(Buffer.from(other));
      if (others === undefined || others.length === 0) return bytes;
      const { start, end } = random.pick(others);
      return replaced(Buffer.concat([whole, other.subarray(start, end)]));
    }
    case 6: {
      // in itself, deeper than anybody needs
      let deep: Buffer = Buffer.from(whole.subarray(0, 64));
      const levels = 1 + random.below(DEEP);
      for (let i = 0; i < levels; i++) deep = delimited(field.number, deep);
      return replaced(deep);
    }
    default:
      return nested(random, field, content, other, replaced);
  }
}

function nested(
  random: Random,
  field: Field,
  content: Buffer,
  other: Uint8Array,
  replaced: (by: Uint8Array) => Buffer,
): Buffer {
  if (field.type !== 2) return replaced(Buffer.concat([tag(field.number, 0), random.pick(NUMBERS)]));
  const inside = fieldsOf(content);
  if (inside !== undefined && inside.length > 0 && random.chance(0.9))
    return replaced(delimited(field.number, mutateFields(random, Buffer.from(content), other)));
  const text = Buffer.from(content);
  if (text.length > 0) text[random.below(text.length)] = random.below(256);
  const length = random.pick([0, text.length, text.length, 2000]);
  const filling = text.length > 0 ? text : 'x';
  return replaced(
    delimited(field.number, length <= text.length ? text.subarray(0, length) : Buffer.alloc(length, filling)),
  );
}

const NUMBERS = [
  0n,
  1n,
  127n,
  128n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
].map(varint);

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function tag(number: number, type: number): Buffer {
  return varint(BigInt(number * 8 + type));
}

function delimited(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([tag(number, 2), varint(BigInt(content.length)), content]);
}

/** Where the tag of a field ends. */
function headEnd({ start, number, type }: Field): number {
  return start + tag(number, type).length;
}

/** The fields of a message; undefined if the bytes are none. */
function fieldsOf(bytes: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const start = at;
    const head = number();
    if (head === undefined || head < 8) return undefined;
    const type = head % 8;
    let body = at;
    if (type === 0) while ((bytes[at++] ?? 0) >= 0x80);
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = number();
      if (length === undefined) return undefined;
      body = at;
      at += length;
    } else return undefined;
    if (at > bytes.length) return undefined;
    fields.push({ number: Math.floor(head / 8), type, start, body, end: at });
  }
  return fields;
}
