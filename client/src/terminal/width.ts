/** Ranges that a terminal draws two columns wide: East Asian Wide and Fullwidth, as Unicode Standard Annex 11 has them. */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];
const ASCII = /^[\u0020-\u007e]*$/;

/** Both take longer to make than many a command takes, and most commands print nothing that asks for them. */
let segmenter: Intl.Segmenter | undefined;
let emoji: RegExp | undefined;

/** What a reader takes for one character each. */
export function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes on a terminal. It must hold no control characters: see `plain`. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** Marks stand on the letter before them, those with a place of their own do not; an emoji is two columns, of however many parts. */
export function graphemeWidth(grapheme: string): number {
  emoji ??= /\p{Emoji_Presentation}|^\p{RGI_Emoji}$/v;
  if (emoji.test(grapheme)) return 2;
  const points = Array.from(grapheme);
  // Letters of Hangul that are written as one syllable.
  if (/^[\u1100-\u115f]/.test(grapheme)) return 2;
  return points.reduce((sum, point) => sum + pointWidth(point), 0);
}

function pointWidth(point: string): number {
  if (/[\p{Mn}\p{Me}]/u.test(point)) return 0;
  const code = point.codePointAt(0)!;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Filled with spaces up to so many columns; longer texts stay as they are. */
export function padTo(text: string, columns: number, side: 'start' | 'end' = 'end'): string {
  const spaces = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return side === 'end' ? text + spaces : spaces + text;
}
