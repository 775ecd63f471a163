import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plain, plainJson, plainLines } from './plain.js';
import { displayWidth, padTo } from './width.js';

/** Said anew, by number, so that it does not share a mistake with what is tested. */
function steers(point: string): boolean {
  const code = point.codePointAt(0)!;
  const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bidi = code === 0x61c || (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e);
  return control || bidi || (code >= 0x2066 && code <= 0x2069) || code === 0x2028 || code === 0x2029;
}

const nasty = fc.constantFrom(
  ...[
    '\x1b[2J',
    '\x1b]0;title\x07',
    '\x9b31m',
    '\u202e',
    '\u2066',
    '\u200f',
    '\r',
    '\n',
    '\0',
    '\x7f',
    '\u2028',
  ],
  ...[
    '\u0301',
    '\u0301'.repeat(40),
    '\ud800',
    '\ufeff',
    '\u200b',
    '\u3164',
    '👨‍👩‍👧',
    '🇩🇪',
    '漢',
    'שלום',
    'e\u0301',
    '<b>',
    '\\',
  ],
);
const names = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('whatever the name: nothing in it steers a terminal, and it is no wider than it may be', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 0, max: 60 }), (name, columns) => {
      const cut = plain(name, columns);
      expect(Array.from(cut).filter(steers)).toEqual([]);
      expect(displayWidth(cut)).toBeLessThanOrEqual(columns);
      const whole = plain(name);
      expect(Array.from(whole).filter(steers)).toEqual([]);
      expect(plain(whole)).toBe(whole);
      if (displayWidth(whole) <= columns) expect(cut).toBe(whole);
      else if (columns > 0) expect(cut.endsWith('…')).toBe(true);
    }),
  );
});

test('whatever the value: its JSON means the same and steers no terminal', () => {
  fc.assert(
    fc.property(fc.dictionary(names, names), (value) => {
      const json = plainJson(value)!;
      expect(Array.from(json).filter(steers)).toEqual([]);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([
  ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['half \ud83d', 'half \\u{d83d}'],
  ['\u0301first', '\\u{301}first'],
  ['jobs/nightly <b>', 'jobs/nightly <b>'],
  ['שלום 漢字 é 👩‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️', 'שלום 漢字 é 👩‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️'],
])('%j is shown as %s', (name, shown) => expect(plain(name)).toBe(shown));

test('cut by what it takes on the screen, not by characters', () => {
  expect(plain('abcdef', 4)).toBe('abc…');
  expect(plain('漢字漢字', 5)).toBe('漢字…');
  expect(plain('漢字漢字', 4)).toBe('漢…');
  expect(plain('👩‍🚀👩‍🚀', 3)).toBe('👩‍🚀…');
  expect(plain('x'.repeat(4_000), 10)).toBe(`${'x'.repeat(9)}…`);
  expect(plain(`${'\u0301'.repeat(4_000)}x`, 8)).toBe('\\u{301}…');
  expect(displayWidth(padTo('漢', 4))).toBe(4);
  expect(padTo('7', 3, 'start')).toBe('  7');
});

test('values keep their lines, and nothing else of what steers', () => {
  expect(plainLines('a: 1\n\tb: \x1b[2J\r\n')).toBe('a: 1\n\tb: \\x1b[2J\\r\n');
});
