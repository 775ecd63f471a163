import { graphemes, graphemeWidth } from './width.js';

/**
 * What may not reach a terminal as it is: controls (C0, DEL, C1), what turns the direction of writing, what cannot be seen,
 * what ends a line, halves of pairs, and what no terminal knows.
 */
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** These hold invisible characters by right: flags, families, keycaps. */
const KNOWN_EMOJI = /^\p{RGI_Emoji}$/v;
const MARK = /^\p{M}/u;
const ASCII = /^[\u0020-\u007e]*$/;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** A letter with more marks than this is made to reach over other lines. */
const MARKS_MAX = 4;
const CUT = '…';

/**
 * A text of somebody else's (a lock's name, a key, a replica's message) for a terminal: what could steer it, hide, or turn the direction of
 * what stands beside it is written as `\n`, `\x1b` or `\u{202e}`. For showing only: a backslash stays one.
 * @param columns cut to so many at most, with `…` for the rest
 */
export function plain(text: string, columns: number = Infinity): string {
  if (ASCII.test(text) && text.length <= columns) return text;
  let shown = '';
  let width = 0;
  // Where the text may be cut so that there is room for the mark of it.
  let fits = '';
  // No more is looked at than can be shown: a name may have four thousand bytes, a value a million.
  const head = Number.isFinite(columns) ? text.slice(0, (columns + 1) * (MARKS_MAX + 8) * 2) : text;
  for (const grapheme of graphemes(head)) {
    for (const piece of pieces(grapheme)) {
      const pieceWidth = graphemeWidth(piece);
      if (width + pieceWidth > columns) return columns < 1 ? '' : fits + CUT;
      shown += piece;
      width += pieceWidth;
      if (width < columns) fits = shown;
    }
  }
  if (head.length === text.length) return shown;
  return width < columns ? shown + CUT : fits + CUT;
}

/** As `plain`, but its line ends and tabs stay: for values and messages that have lines of their own. */
export function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .split('\t')
        .map((part) => plain(part))
        .join('\t'),
    )
    .join('\n');
}

/** JSON that means the same and steers no terminal: what JSON.stringify leaves in it is written as `\u202e`. */
export function plainJson(value: unknown): string | undefined {
  return JSON.stringify(value)?.replaceAll(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (found) =>
    Array.from({ length: found.length }, (_, at) => unit(found.charCodeAt(at))).join(''),
  );
}

function pieces(grapheme: string): string[] {
  if (KNOWN_EMOJI.test(grapheme)) return [grapheme];
  const points = Array.from(grapheme);
  const tame = !STEERING.test(grapheme) && !MARK.test(points[0]!) && points.length <= 1 + MARKS_MAX;
  if (tame) return [grapheme];
  return points.map((point) => (STEERING.test(point) || MARK.test(point) ? escaped(point) : point));
}

function escaped(point: string): string {
  const named = NAMED[point];
  if (named !== undefined) return named;
  const code = point.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
