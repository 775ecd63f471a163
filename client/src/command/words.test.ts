import { expect, test } from '@jest/globals';
import { splitWords, wordBytes } from './words.js';

const wordsOf = (line: string): string[] => splitWords(line).map((word) => wordBytes(word).toString());

test.each([
  ['put a 1', ['put', 'a', '1']],
  ['  put\ta  1 ', ['put', 'a', '1']],
  ['put "a b" \'c "d"\'', ['put', 'a b', 'c "d"']],
  ['put a ""', ['put', 'a', '']],
  ['put pre"fix"ed x', ['put', 'prefixed', 'x']],
  ['"\\"\\\\\\n\\t" \'\\n\'', ['"\\\n\t', '\\n']],
  ['ä "ö €" 😀 "😀"', ['ä', 'ö €', '😀', '😀']],
  ['', []],
])('%j', (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});

test('bytes that are no text can be written', () => {
  const [word] = splitWords('"\\x00\\xffä"');
  expect(wordBytes(word!).toString('hex')).toBe('00ffc3a4');
});

test.each([
  ['"open', /is not closed/],
  ["'open", /is not closed/],
  ['"\\q"', /\\q in quotes/],
  ['"\\x1"', /\\x in quotes/],
])('%j is refused', (line, word) => {
  expect(() => splitWords(line)).toThrow(word);
});
