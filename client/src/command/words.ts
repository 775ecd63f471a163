import { UsageError } from './exit.js';

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  "'": "'",
};

/**
 * Splits a line into its words, which may be quoted. Words are byte strings: one character (0 to 255) a byte, so that
 * bytes which are no text can be written too. See `wordBytes`.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const char = line[at]!;
    if (char === '"' || char === "'") {
      const quoted = readQuoted(line, at);
      word = (word ?? '') + quoted.word;
      at = quoted.end;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    } else {
      const plain = /^[^\s"']+/.exec(line.slice(at))![0];
      word = (word ?? '') + utf8(plain);
      at += plain.length;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

export function wordBytes(word: string): Buffer {
  return Buffer.from(word, 'latin1');
}

/** @param start where the opening quote is */
function readQuoted(line: string, start: number): { word: string; end: number } {
  const quote = line[start]!;
  let word = '';
  let at = start + 1;
  while (at < line.length) {
    const char = line[at]!;
    if (char === quote) return { word, end: at + 1 };
    if (char !== '\\' || quote === "'") {
      const point = String.fromCodePoint(line.codePointAt(at)!);
      word += utf8(point);
      at += point.length;
      continue;
    }
    const escape = line[at + 1] ?? '';
    const hex = /^[0-9a-fA-F]{2}/.exec(line.slice(at + 2))?.[0];
    if (escape === 'x' && hex !== undefined) {
      word += String.fromCodePoint(parseInt(hex, 16));
      at += 4;
      continue;
    }
    if (ESCAPES[escape] === undefined)
      throw new UsageError(`\\${escape} in quotes: write \\\\ for a backslash`);
    word += ESCAPES[escape];
    at += 2;
  }
  throw new UsageError(
    `the quote that begins at ${JSON.stringify(line.slice(start, start + 12))} is not closed`,
  );
}

function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
