const named: Record<number, string> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** The bytes as a quoted string, as Go's %q writes it: printable characters as they are, others escaped. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (let i = 0; i < bytes.length;) {
    const length = utf8Length(bytes, i);
    if (length === 0) {
      text += `\\x${hex(bytes[i]!, 2)}`;
      i++;
      continue;
    }
    const code = decode(bytes, i, length);
    text += quoteCode(code);
    i += length;
  }
  return `${text}"`;
}

function quoteCode(code: number): string {
  const name = named[code];
  if (name !== undefined) return name;
  const char = String.fromCodePoint(code);
  if (printable.test(char)) return char;
  if (code < 128) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Length of the valid UTF-8 sequence at `at`; 0 when there is none. */
function utf8Length(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  if (length < 3) return length;
  const code = decode(bytes, at, length);
  const shortest = length === 3 ? 0x800 : 0x10000;
  return code < shortest || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length;
}

function decode(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!;
  let code = bytes[at]! & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) code = code * 64 + (bytes[at + i]! & 0x3f);
  return code;
}

/** UTF-8 bytes of a script's text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
